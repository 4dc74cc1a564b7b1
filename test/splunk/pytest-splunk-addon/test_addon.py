from pytest_splunk_addon.standard_lib.addon_basic import Basic


class TestAddon(Basic):
    def empty_method(self):
        """All tests are Splunk's."""
