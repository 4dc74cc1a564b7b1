/** Finds the parts of a message that change from record to record by what they look like. */

/** One piece of a message: text as it stands, or a value of a type. */
export interface Piece {
  /** a capture type of the template language; undefined: a word that may be literal */
  type: 'ip' | 'int' | 'hex' | 'text' | 'time' | undefined;
  text: string;
}

const HEX_GROUP = '[0-9A-Fa-f]{1,4}';
const IPV6 = `(?:${HEX_GROUP}:){7}${HEX_GROUP}|(?:${HEX_GROUP}:){1,6}(?::${HEX_GROUP}){1,6}|(?:${HEX_GROUP}:){1,7}:|::(?:${HEX_GROUP}:){0,6}${HEX_GROUP}`;
const IPV4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';

/** In the order in which they are tried at a place. Each is bounded, so that a long line costs no more than its length. */
const VALUES = new RegExp(
  [
    `(?<quote>'[^']{0,255}'|"[^"]{0,255}")`,
    `(?<time>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:?\\d\\d)?|[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d(?: [A-Z]{3,4})? \\d{4})`,
    `(?<ip>(?<![\\w:]|\\w\\.)(?:${IPV4}|${IPV6})(?![\\w.]*\\w:))`,
    '0x(?<hex>[0-9A-Fa-f]{1,64})\\b',
    '(?<spi>(?<![\\w-])(?=[0-9a-f]*\\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8}(?:[0-9a-f]{8})?(?![\\w-]))',
    '(?<int>(?<![\\w.])-?\\d{1,19}(?![\\w.]*[A-Za-z_])|(?<=[\\[({#=])\\d{1,19}(?=[\\])}s]))',
  ].join('|'),
  'g',
);

/** @returns the message cut into values and what stands between them; joined, they are the message */
export function maskMessage(message: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const literal = (end: number) => {
    if (end > from) pieces.push({ type: undefined, text: message.slice(from, end) });
  };
  for (const found of message.matchAll(VALUES)) {
    const { quote, time, ip, hex, spi } = found.groups!;
    const start = found.index;
    const end = start + found[0].length;
    if (quote !== undefined) {
      literal(start + 1);
      if (quote.length > 2) pieces.push({ type: 'text', text: quote.slice(1, -1) });
      from = end - 1;
    } else if (hex !== undefined) {
      literal(start + 2);
      pieces.push({ type: 'hex', text: hex });
      from = end;
    } else {
      literal(start);
      pieces.push({
        type: time !== undefined ? 'time' : ip !== undefined ? 'ip' : spi !== undefined ? 'hex' : 'int',
        text: found[0],
      });
      from = end;
    }
  }
  literal(message.length);
  return pieces;
}
