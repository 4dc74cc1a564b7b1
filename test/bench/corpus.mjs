// The corpus: the recorded gateways' logs, one after the other and again and again, a quarter of the lines other programs'. Each repetition is later
// than the one before, with process ids of its own, so that it reads like the log of gateways that were restarted often.
// `node test/bench/corpus.mjs MEGABYTES` writes one of any length to standard output; the same bytes every time.

import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { otherLine } from './other-programs.mjs';

/** A time after all of the corpus, for `--now`: its time stamps have no year. */
export const NOW = '2026-12-01T00:00:00Z';

const ROOT = join(import.meta.dirname, '../..');
const RECORDED = join(ROOT, 'samples/strongswan');
const FIRST = Date.UTC(2026, 0, 5) / 1000;
const BYTES = 200e6;
/** After so many lines of charon comes one of another program. */
const CHARON_LINES = 3;

/**
 * @typedef {object} RecordedLine
 * @property {number} second since its log began
 * @property {boolean} charon
 * @property {string} program with what stands before the process id
 * @property {boolean} pid
 * @property {string} text behind the process id: `: 12[IKE] …`
 */

/** What is done to the text of a charon line. @typedef {(text: string) => string} Damage */

/** @type {Record<string, Damage>} */
const DAMAGES = {
  'corpus.log': (text) => text,
  // no line of charon begins or ends so: a reader finds it out at the first byte of the message, or only at its last
  'damaged-start.log': (text) => text.replace(/^(: (?:\d+\[[A-Z]+\d?\] (?:<[^>]*> )?)? *)[^ ]/, '$1~'),
  'damaged-end.log': (text) => `${text.slice(0, -1)}~`,
};

/**
 * @typedef {object} Corpus
 * @property {string} file
 * @property {string} damagedStart the same, with every message of charon damaged at its first byte
 * @property {string} damagedEnd … at its last byte
 * @property {number} bytes of each
 * @property {number} lines of each
 * @property {number} charonLines of each
 */

/** Makes it where it is not there yet: its folder's name is a hash of all that it is made from. @param {string} folder @returns {Corpus} */
export function makeCorpus(folder) {
  const hash = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(readFileSync(join(import.meta.dirname, 'other-programs.mjs')));
  for (const path of recordedLogs())
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(RECORDED, path)));
  const name = `corpus-${hash.digest('hex').slice(0, 16)}`;
  if (!existsSync(join(folder, name))) {
    mkdirSync(folder, { recursive: true });
    for (const old of readdirSync(folder).filter((entry) => /^corpus-/.test(entry)))
      rmSync(join(folder, old), { recursive: true });
    const unfinished = join(folder, `unfinished-${process.pid}`);
    mkdirSync(unfinished);
    writeCorpus(unfinished);
    renameSync(unfinished, join(folder, name));
  }
  const counts = JSON.parse(readFileSync(join(folder, name, 'counts.json'), 'utf8'));
  const [file, damagedStart, damagedEnd] = Object.keys(DAMAGES).map((entry) => join(folder, name, entry));
  return { file, damagedStart, damagedEnd, ...counts };
}

/** @param {string} folder */
function writeCorpus(folder) {
  const logs = readRecorded();
  const outputs = Object.entries(DAMAGES).map(([name, damage]) => ({ damage, descriptor: openSync(join(folder, name), 'w') }));
  const counts = { bytes: 0, lines: 0, charonLines: 0 };
  for (let repetition = 0; counts.bytes < BYTES; repetition++) {
    for (const { damage, descriptor } of outputs) {
      const made = repeat(logs, repetition, damage);
      writeAll(descriptor, made.text);
      if (descriptor !== outputs[0].descriptor) continue;
      counts.bytes += made.text.length;
      counts.lines += made.lines;
      counts.charonLines += made.charonLines;
    }
  }
  for (const { descriptor } of outputs) closeSync(descriptor);
  const descriptor = openSync(join(folder, 'counts.json'), 'w');
  writeSync(descriptor, JSON.stringify(counts));
  closeSync(descriptor);
}

function recordedLogs() {
  return readdirSync(RECORDED)
    .sort()
    .map((name) => join(name, 'gateway.log'))
    .filter((path) => existsSync(join(RECORDED, path)));
}

/** @returns {{ seconds: number, lines: RecordedLine[] }[]} */
function readRecorded() {
  return recordedLogs().map((path) => {
    const text = readFileSync(join(RECORDED, path), 'latin1').split('\n').filter(Boolean);
    const times = text.map((line) => Date.parse(`${line.slice(0, 15)} 2026 UTC`) / 1000);
    const lines = text.map((line, index) => {
      const parts = /^.{15} \S+ ([^[:\s]+)(\[\d+\])?(: .*)$/.exec(line);
      if (!parts || Number.isNaN(times[index])) throw new Error(`Unexpected line in samples/strongswan/${path}: ${line}`);
      const [, program, pid, rest] = parts;
      // a clock that was set back would make time run backwards
      const second = Math.max(...times.slice(Math.max(0, index - 50), index + 1)) - times[0];
      return { second, charon: program.startsWith('charon'), program, pid: pid !== undefined, text: rest };
    });
    return { seconds: lines.at(-1).second + 2, lines };
  });
}

/** @param {ReturnType<typeof readRecorded>} logs @param {number} repetition @param {Damage} damage */
function repeat(logs, repetition, damage) {
  const length = logs.reduce((sum, { seconds }) => sum + seconds, 0);
  const pick = picker(repetition);
  const host = `vpn-gw${(repetition % 4) + 1}`;
  const out = [];
  let charonLines = 0;
  let begin = FIRST + repetition * length;
  for (const [index, { seconds, lines }] of logs.entries()) {
    const pid = 400 + (((repetition * logs.length + index) * 37) % 32000);
    for (const line of lines) {
      const head = `${stamp(begin + line.second)} ${host} `;
      out.push(`${head}${line.program}${line.pid ? `[${pid}]` : ''}${line.charon ? damage(line.text) : line.text}\n`);
      if (line.charon && ++charonLines % CHARON_LINES === 0) out.push(`${head}${otherLine(pick)}\n`);
    }
    begin += seconds;
  }
  return { text: Buffer.from(out.join(''), 'latin1'), lines: out.length, charonLines };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @param {number} seconds since 1970 @returns as RFC 3164 writes it: `Jan  5 07:08:09` */
function stamp(seconds) {
  const time = new Date(seconds * 1000);
  return `${MONTHS[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${time.toISOString().slice(11, 19)}`;
}

/** A small generator of the same numbers every time (mulberry32). @param {number} seed @returns {import('./other-programs.mjs').Pick} */
function picker(seed) {
  let state = seed * 0x9e3779b9;
  return (from, to) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return from + Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (to - from + 1));
  };
}

/** @param {number} descriptor @param {Buffer} text */
function writeAll(descriptor, text) {
  for (let offset = 0; offset < text.length;) offset += writeSync(descriptor, text, offset);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const wanted = Number(process.argv[2]) * 1e6;
  const logs = readRecorded();
  for (let repetition = 0, written = 0; written < wanted; repetition++) {
    const { text } = repeat(logs, repetition, DAMAGES['corpus.log']);
    writeAll(1, text);
    written += text.length;
  }
}
