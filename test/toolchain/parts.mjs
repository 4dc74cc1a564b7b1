// What can be prepared, in the order in which it is: what more tests need comes first.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildGo } from './build-go.mjs';
import { layOutEngine } from './lay-out-engine.mjs';
import { makeVenv } from './make-venv.mjs';

const here = import.meta.dirname;

/** @type {import('./prepare-part.mjs').Part[]} */
export const parts = [
  venv('venv', 'requirements.txt', 'Sigma tools (Python packages)'),
  venv('splunk-venv', 'splunk-requirements.txt', "Splunk's packaging checks and add-on tests (Python packages)"),
  engine('opensearch-2.19.6', 'a node for ingest pipelines, templates and aggregations'),
  engine('elasticsearch-8.19.21', 'a node for ES|QL, KQL and mappings'),
  engine('elasticsearch-7.10.2', 'the oldest node for ingest pipelines'),
  goProgram('package-lint', 'the linter of Elastic packages'),
];

/**
 * A Python environment, `.cache/NAME/bin/python`.
 * @returns {import('./prepare-part.mjs').Part}
 */
function venv(name, requirements, means) {
  const file = join(here, requirements);
  return { name, means, inputs: [file, join(here, 'make-venv.mjs')], prepare: (folder) => makeVenv(folder, file) };
}

/**
 * A search engine's home, for `startNode(NAME)`.
 * @returns {import('./prepare-part.mjs').Part}
 */
function engine(name, means) {
  const source = join(here, 'engines', name);
  const inputs = [...filesOf(source), join(here, 'lay-out-engine.mjs')];
  return { name, means, inputs, prepare: (folder) => layOutEngine(source, folder) };
}

/**
 * A program, `.cache/NAME/NAME`.
 * @returns {import('./prepare-part.mjs').Part}
 */
function goProgram(name, means) {
  const source = join(here, name);
  const inputs = [...filesOf(source), join(here, 'build-go.mjs')];
  return { name, means, inputs, prepare: (folder) => buildGo(source, folder, name) };
}

function filesOf(folder) {
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}
