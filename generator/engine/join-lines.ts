/** Records of several physical lines become one, by rules that envelopes declare. Lines that begin no such record pass at the cost of one look at their first byte. */

export interface JoinRule {
  /** what a record begins with */
  begins: Buffer;
  ends: Buffer;
  /** each stands alone on its line, with the same blanks before it; a comma may follow the end */
  alone: boolean;
}

/** Takes a record; `lines` are those that it was joined from, where there were several. */
export type Emit = (record: Buffer, lines?: Buffer[]) => void;

/** A record that has no end by then is read as the lines that it came in. */
const MOST_LINES = 2000;
const MOST_BYTES = 1 << 20;
/** How far into a line a record may begin: behind an XML declaration and a root element. */
const BEGINS_WITHIN = 512;

const BLANK = 32;
const TAB = 9;
const COMMA = 44;

export class LineJoiner {
  private readonly rules: JoinRule[];
  private readonly firstBytes = new Uint8Array(256);
  private rule: JoinRule | undefined;
  private indent = 0;
  private lines: Buffer[] = [];
  private bytes = 0;

  constructor(rules: JoinRule[]) {
    this.rules = rules;
    for (const { begins } of rules) this.firstBytes[begins[0]!] = 1;
  }

  /** a record has begun, and not ended */
  get isOpen(): boolean {
    return this.rule !== undefined;
  }

  /** @returns whether the line is no matter of this joiner: the caller reads it itself. Else records are given to `emit` when they are whole */
  passes(buffer: Buffer, from: number, end: number, emit: Emit): boolean {
    if (this.rule) {
      this.add(Buffer.from(buffer.subarray(from, end)), emit);
      return false;
    }
    let at = from;
    while (at < end && (buffer[at] === BLANK || buffer[at] === TAB)) at++;
    if (this.firstBytes[buffer[at]!] === 0) return true;
    return !this.begin(buffer.subarray(from, end), at - from, emit);
  }

  /** Gives up the record that has no end: its lines stand for themselves. */
  flush(emit: Emit): void {
    const { lines } = this;
    this.rule = undefined;
    this.lines = [];
    this.bytes = 0;
    for (const line of lines) emit(line);
  }

  /** @returns whether a record begins in this line that does not also end with it */
  private begin(line: Buffer, at: number, emit: Emit): boolean {
    for (const rule of this.rules) {
      if (rule.alone) {
        if (!isAlone(line, at, rule.begins)) continue;
        this.open(rule, at, Buffer.from(line), emit);
        return true;
      }
      if (line[at] !== rule.begins[0]) continue;
      const first = beginOf(line.subarray(0, at + BEGINS_WITHIN), at, rule.begins);
      if (first < 0) continue;
      const last = line.indexOf(rule.ends, first);
      if (first === at && last >= 0 && isBlank(line, last + rule.ends.length)) return false; // the usual: one record, one line
      if (first > at) emit(Buffer.from(line.subarray(0, first)));
      this.open(rule, 0, Buffer.from(line.subarray(first)), emit);
      return true;
    }
    return false;
  }

  private open(rule: JoinRule, indent: number, line: Buffer, emit: Emit): void {
    this.rule = rule;
    this.indent = indent;
    this.add(line, emit);
  }

  private add(line: Buffer, emit: Emit): void {
    const rule = this.rule!;
    const end = rule.alone
      ? this.lines.length > 0 && isAlone(line, this.indent, rule.ends) && isBlank(line.subarray(0, this.indent), 0)
        ? this.indent + rule.ends.length
        : -1
      : endOf(line, rule.ends);
    if (end < 0) {
      this.lines.push(line);
      this.bytes += line.length + 1;
      if (this.lines.length > MOST_LINES || this.bytes > MOST_BYTES) this.flush(emit);
      return;
    }
    const record = [...this.lines, line.subarray(0, end)];
    this.rule = undefined;
    this.lines = [];
    this.bytes = 0;
    if (record.length === 1) emit(record[0]!);
    else emit(Buffer.concat(record.flatMap((part) => [part, NEWLINE])).subarray(0, -1), record);
    const rest = line.subarray(end);
    let at = 0;
    while (at < rest.length && (rest[at] === BLANK || rest[at] === TAB || rest[at] === COMMA)) at++;
    if (at < rest.length && !this.begin(rest.subarray(at), 0, emit)) emit(rest.subarray(at));
  }
}

const NEWLINE = Buffer.from('\n');

/** A word must end where the text does: `<Event` does not begin in `<Events>`. */
function beginOf(line: Buffer, from: number, begins: Buffer): number {
  for (let at = line.indexOf(begins, from); at >= 0; at = line.indexOf(begins, at + 1)) {
    if (!isLetter(begins[begins.length - 1]!) || !isLetter(line[at + begins.length] ?? 0)) return at;
  }
  return -1;
}

function isLetter(byte: number): boolean {
  return (byte | 32) >= 97 && (byte | 32) <= 122;
}

function endOf(line: Buffer, ends: Buffer): number {
  const found = line.indexOf(ends);
  return found < 0 ? -1 : found + ends.length;
}

/** @returns whether nothing but `text` stands at `at`, and perhaps a comma */
function isAlone(line: Buffer, at: number, text: Buffer): boolean {
  if (line.length < at + text.length || line.compare(text, 0, text.length, at, at + text.length) !== 0) return false;
  const after = at + text.length;
  return isBlank(line, line[after] === COMMA ? after + 1 : after);
}

function isBlank(line: Buffer, from: number): boolean {
  for (let at = from; at < line.length; at++) if (line[at] !== BLANK && line[at] !== TAB && line[at] !== 13) return false;
  return true;
}
