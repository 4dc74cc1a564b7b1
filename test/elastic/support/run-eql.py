"""Runs EQL rules on events with the eql package's engine: JSON {rules: {name: query}, logs: {name: [event]}} in, {rule: {log: [[index]]}} out.

With "try": true, a rule that cannot be read or run is {rule: {"error": text}}.
"""

import json
import sys

import eql
from eql.parser import allow_runs, allow_sample, elasticsearch_syntax, ignore_missing_functions, parse_query


def run(query, events):
    with elasticsearch_syntax, ignore_missing_functions, allow_runs, allow_sample:
        parsed = parse_query(query)
    engine = eql.PythonEngine()
    hits = []
    engine.add_query(parsed)
    engine.add_output_hook(lambda result: hits.append([event.data["@index"] for event in result.events]))
    # its time is in tenths of a microsecond
    engine.stream_events([eql.Event("any", event["@ms"] * 10_000, event) for event in events])
    return hits


def asked(query, events):
    """A rule sees the events that it names: the others cost time alone."""
    return [event for event in events if f'"{event["event"]["action"]}"' in query]


given = json.load(sys.stdin)


def run_rule(query):
    try:
        return {log: run(query, asked(query, events)) for log, events in given["logs"].items()}
    except Exception as error:
        if not given.get("try"):
            raise
        return {"error": f"{type(error).__name__}: {error}".split("\n")[0]}


json.dump({name: run_rule(query) for name, query in given["rules"].items()}, sys.stdout)
