import type { Engine } from '../../generator/engine/compile-engine.js';
import { fieldNumber } from '../../generator/model/field-numbers.js';

/** Whoever is made afterwards gives all fields of a record. */
export function nameAll({ pack }: Engine): void {
  for (const name of pack.fields.keys()) fieldNumber(name);
}
