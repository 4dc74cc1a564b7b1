"""Converts files of Sigma rules with the backends that people use.

Reads JSON from standard input: {"pipelines": {name: path}, "files": [path, ...]}.
Writes JSON: {backend: {path: {"queries": [text, ...]} or {"error": "Class: message"}}}.
"""
import json
import sys

from sigma.backends.elasticsearch import EqlBackend, ESQLBackend, LuceneBackend
from sigma.backends.opensearch import OpensearchLuceneBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline

BACKENDS = {
    "splunk": (SplunkBackend, "cim"),
    "lucene": (LuceneBackend, "ecs"),
    "esql": (ESQLBackend, "ecs"),
    "eql": (EqlBackend, "ecs"),
    "opensearch_lucene": (OpensearchLuceneBackend, "ecs"),
}


def convert(backend, pipeline, path):
    with open(path, encoding="utf8") as file:
        collection = SigmaCollection.from_yaml(file.read())
    try:
        queries = backend(ProcessingPipeline.from_yaml(pipeline)).convert(collection)
        return {"queries": [query if isinstance(query, str) else json.dumps(query) for query in queries]}
    except Exception as error:  # whatever a backend does not do, each in its own way
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    given = json.load(sys.stdin)
    pipelines = {name: open(path, encoding="utf8").read() for name, path in given["pipelines"].items()}
    json.dump(
        {
            name: {path: convert(backend, pipelines[pipeline], path) for path in given["files"]}
            for name, (backend, pipeline) in BACKENDS.items()
        },
        sys.stdout,
    )


main()
