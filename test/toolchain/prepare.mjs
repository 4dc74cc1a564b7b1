// Prepares what the tests run against and npm does not bring: a Python environment, search engines, the package linter.
// `node test/toolchain/prepare.mjs [PART…]`; without names, all parts. What is prepared already costs a hash of its inputs.

import { parts } from './parts.mjs';
import { preparePart } from './prepare-part.mjs';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(`Unknown part "${unknown.join('", "')}". The parts are: ${parts.map((part) => part.name).join(', ')}.`);
  process.exit(2);
}

for (const part of parts.filter(({ name }) => names.length === 0 || names.includes(name))) {
  try {
    await preparePart(part);
  } catch (error) {
    console.error(`${part.name}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
