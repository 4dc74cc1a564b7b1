/** Painless: the whole script. It is the same for every parser; what a parser says stands in the processor's `params`. */
import { DECODE_RECORD } from './decode-record.js';
import { END_OF_HOLE } from './end-of-hole.js';
import { FOLLOW_TREE } from './follow-tree.js';
import { READ_ENVELOPE } from './read-envelope.js';
import { READ_RECORD } from './read-record.js';
import { READ_STRUCTURED } from './read-structured.js';
import { READ_TIME } from './read-time.js';
import { READ_VALUES } from './read-values.js';
import { WRITE_EVENT } from './write-event.js';

const MAIN = `
readDocument(ctx, params);
if (ctx.get('@timestamp') == null) ctx.put('@timestamp', printTime(System.currentTimeMillis()));
`;

const PARTS = [
  END_OF_HOLE,
  FOLLOW_TREE,
  READ_TIME,
  READ_VALUES,
  READ_ENVELOPE,
  DECODE_RECORD,
  READ_STRUCTURED,
  WRITE_EVENT,
  READ_RECORD,
  MAIN,
];

export const SCRIPT = PARTS.map((part) => `${part.trim()}\n`).join('\n');
