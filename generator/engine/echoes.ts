/**
 * A daemon that writes to syslog and to the journal at once says each line twice: once behind its header, once bare. What is an echo of a line is
 * declared noise. The two ways do not keep their order, so either may be the first.
 */

/** Lines of a process that may still be echoed. */
const MOST = 64;

/** Milliseconds between a line and its echo. */
const WITHIN = 2000;

interface Line {
  text: string;
  bare: boolean;
  time: number;
}

/** What was heard of a process: whether in the bare form, where all was in one; else the last lines. */
export type Heard = boolean | Line[];

/** Of a record reader what is asked here. */
interface Said {
  process: { heard: Heard | undefined };
  header: { leaf: { bare: boolean } } | undefined;
  buffer: Buffer;
  messageStart: number;
  messageEnd: number;
  time: number;
}

/** @returns whether the same process said the record's message before, in the other form */
export function isEcho({ process, header, buffer, messageStart, messageEnd, time }: Said): boolean {
  if (header === undefined) return false;
  const { bare } = header.leaf;
  if (process.heard === undefined || process.heard === bare) {
    process.heard = bare;
    return false;
  }
  if (typeof process.heard === 'boolean') process.heard = [];
  const lines = process.heard;
  const text = buffer.toString('latin1', messageStart, messageEnd);
  const at = lines.findIndex((line) => line.bare !== bare && line.text === text && !(Math.abs(time - line.time) > WITHIN));
  if (at >= 0) lines.splice(at, 1);
  else if (lines.push({ text, bare, time }) > MOST) lines.shift();
  return at >= 0;
}
