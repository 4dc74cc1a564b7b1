"""Runs Sigma files over logs with pysigma-backend-sqlite.

Reads JSON from standard input: {path: {"fields": [field, ...], "logs": {name: [event, ...]}}}; an event is a flat object with "timestamp" in ISO 8601.
Writes JSON: {path: {log: {rule name: {"alerts": [[end, group]], "counted": [[time, group]]}}}} for the rules that alert; times are seconds, `counted` are
the records that the rule's base rules select and that have its group. The group of a rule without correlation is what the file's fields say.
"""
import json
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.runtime import ensure_fields, execute_plan
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

SECONDS = "ROUND((julianday(timestamp) - 2440587.5) * 86400000) / 1000.0"


def load(connection, events):
    columns = sorted({key for event in events for key in event})
    connection.execute("CREATE TABLE logs (%s)" % ", ".join(f'"{name}" COLLATE NOCASE' for name in columns))
    # of a list, the first value: a table has no lists
    first = lambda value: value[0] if isinstance(value, list) and value else value
    rows = ([first(event.get(name)) for name in columns] for event in events)
    connection.executemany("INSERT INTO logs VALUES (%s)" % ", ".join("?" * len(columns)), rows)


def bases(rule):
    if not isinstance(rule, SigmaCorrelationRule):
        return [rule]
    return [base for reference in rule.referenced_rules for base in bases(reference.rule)]


def select(connection, backend, rule, fields):
    ensure_fields(connection, {"logs": set(backend.required_fields(rule)) | set(fields)})
    # a rule that no correlation uses is a whole query, the others are its condition
    conditions = [query.split(" WHERE ", 1)[1] if query.startswith("SELECT ") else query for query in rule.get_conversion_result()]
    predicate = " OR ".join(f"({condition})" for condition in conditions)
    columns = ", ".join([SECONDS, *(f'"{field}"' for field in fields)])
    for row in connection.execute(f"SELECT {columns} FROM logs WHERE {predicate} ORDER BY 1, rowid"):
        yield [row[0], dict(zip(fields, row[1:]))]


def main():
    result = {}
    for path, request in json.load(sys.stdin).items():
        backend = sqliteBackend(collate_nocase=True)
        with open(path, encoding="utf8") as file:
            collection = SigmaCollection.from_yaml(file.read())
        backend.convert(collection)
        referenced = {id(base) for rule in collection.rules if isinstance(rule, SigmaCorrelationRule) for base in all_below(rule)}
        alerting = [rule for rule in collection.rules if id(rule) not in referenced]
        result[path] = {}
        for name, events in request["logs"].items():
            connection = sqlite3.connect(":memory:")
            load(connection, events)
            result[path][name] = {rule.name: run(connection, backend, rule, request["fields"]) for rule in alerting}
            connection.close()
    json.dump(result, sys.stdout)


def all_below(rule):
    for reference in rule.referenced_rules:
        yield reference.rule
        if isinstance(reference.rule, SigmaCorrelationRule):
            yield from all_below(reference.rule)


def run(connection, backend, rule, fields):
    if not isinstance(rule, SigmaCorrelationRule):
        found = list(select(connection, backend, rule, fields))
        return {"alerts": found, "counted": found}
    rows, _ = execute_plan(connection, backend._correlation_plans[id(rule)], include_events=False)
    fields = list(rule.group_by or [])
    counted = [one for base in bases(rule) for one in select(connection, backend, base, fields) if None not in one[1].values()]
    counted.sort(key=lambda one: one[0])
    return {"alerts": [[row["occurrence_time"], row["group_keys"]] for row in rows], "counted": counted}


main()
