/** A part of a target's checks of its own output. */
import type { Diagnostic } from './diagnostic.js';

export interface OutputCheck {
  /** all of the pack that the part depends on: the same content is checked once */
  reads: object[];
  /** @param deep also what takes long */
  run: (deep: boolean) => Promise<Diagnostic[]>;
}
