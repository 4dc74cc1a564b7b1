"""Runs one command and prints what it cost, as JSON: Node does not tell a child's CPU time and peak memory, wait4 does.

    python3 meter.py '{"command": [...], "stdin": FILE or null, "feed": [...] or null, "core": 0 or null, "env": {...}}'

Standard output of the command is thrown away. `feed` is a command whose output is the standard input; its own cost is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time


def main():
    asked = json.loads(sys.argv[1])
    command = asked["command"]
    core = asked.get("core")
    can_pin = core is not None and hasattr(os, "sched_setaffinity")
    feeder = subprocess.Popen(asked["feed"], stdout=subprocess.PIPE) if asked.get("feed") else None
    source = feeder.stdout if feeder else open(asked.get("stdin") or os.devnull, "rb")
    errors = tempfile.TemporaryFile()
    environment = {**os.environ, **asked.get("env", {})}

    begin = time.monotonic()
    process = os.fork()
    if process == 0:
        try:
            if can_pin:
                os.sched_setaffinity(0, {core})
            os.dup2(source.fileno(), 0)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(errors.fileno(), 2)
            os.execvpe(command[0], command, environment)
        finally:
            os._exit(127)
    source.close()
    _, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - begin
    if feeder:
        feeder.wait()

    errors.seek(0)
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": usage.ru_utime + usage.ru_stime,
                "user": usage.ru_utime,
                "system": usage.ru_stime,
                # Linux counts in KB, macOS in bytes
                "memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
                "exit": os.waitstatus_to_exitcode(status),
                "stderr": errors.read(10000).decode("utf-8", "replace"),
            }
        )
    )


main()
