/** Proposes entries of a parser for clusters of unparsed messages: a line with typed holes, an event, and a sample, ready to be pasted. */
import { traceTemplate } from '../engine/trace.js';
import { readTemplate } from '../lower/read-template.js';
import type { Pack, Parser } from '../model/pack.js';
import type { Cluster, Word } from './cluster.js';
import { shapeOf } from './cluster.js';
import type { Piece } from './mask.js';

export interface Proposal {
  event: string;
  /** the entry whose words are nearest, from which the event was taken; '' where none is near */
  like: string;
  line: string;
  sample: string;
  count: number;
  /** names a failure, a refusal, an attack: read these first */
  urgent: boolean;
}

const URGENT =
  /\b(?:fail|error|invalid|denied|deny|refus|reject|unauthori[sz]ed|expired|revoked|untrusted|mismatch|unknown|unsupported|replay(?! window)|flood|attack|spoof|forged|malformed|blocked|limit|timed? ?out|not found|no (?:\w+ ){1,3}found|bad |wrong|unacceptable|dropping)/i;

/** Share of common words from which on the nearest entry's event is worth a guess. */
const LEAST_SHARE = 0.15;

/** What the word before a value tells of its field, by the value's type; the first that fits and is not taken yet. */
const FIELDS: { type: Piece['type']; after: RegExp; field: string }[] = [
  { type: 'ip', after: /\b(?:from|peer|remote|client|by|with)\b[^\w]*$/i, field: 'peer_ip' },
  { type: 'ip', after: /\b(?:local|gateway|server|our|on|to)\b[^\w]*$/i, field: 'local_ip' },
  { type: 'ip', after: /^/, field: 'peer_ip' },
  { type: 'int', after: /\bport\b[^\w]*$/i, field: 'peer_port' },
  { type: 'int', after: /\b(?:message id|mid|ID)\b[^\w]*$/i, field: 'message_id' },
  { type: 'hex', after: /\bSPI\b[^\w]*$/i, field: 'esp_spi' },
  { type: 'text', after: /\b(?:user|username|identity)\b[^\w]*$/i, field: 'user_identity' },
  { type: 'text', after: /\b(?:peer|remote|ID)\b[^\w]*$/i, field: 'peer_id' },
  { type: 'text', after: /\b(?:connection|config|conn|tunnel)\b[^\w]*$/i, field: 'connection' },
];

/** @returns proposals, the urgent ones first, then the most frequent */
export function proposeEntries(pack: Pack, parser: Parser, clusters: Cluster[]): Proposal[] {
  const nearest = nearestByWords(pack, parser);
  return clusters
    .flatMap((cluster): Proposal[] => {
      const found = lineOf(cluster);
      if (found === undefined) return [];
      const { line, sample } = found;
      const urgent = URGENT.test(sample);
      const like = nearest(line, urgent);
      return [{ ...eventOf(like, urgent), line, sample, count: cluster.count, urgent }];
    })
    .sort((a, b) => Number(b.urgent) - Number(a.urgent) || b.count - a.count);
}

function eventOf(like: { event: string; line: string } | undefined, urgent: boolean): Pick<Proposal, 'event' | 'like'> {
  if (like) return { event: like.event, like: like.line };
  return { event: urgent ? 'daemon_error' : 'config_detail', like: '' };
}

/**
 * @returns the template of a cluster, simplified until it is valid and reads most of its samples, and one that it reads; undefined where no literal text is left.
 * Not all: one hostile identity that imitates the rest of the line must not spoil the template.
 */
function lineOf(cluster: Cluster): { line: string; sample: string } | undefined {
  const taken = new Set<string>();
  const parts = cluster.words.map((word, index) =>
    wordTemplate(word, index === cluster.words.length - 1, cluster.words.slice(0, index), taken),
  );
  for (const line of [
    parts.join(' '),
    withoutFields(parts.join(' ')),
    cluster.words
      .map(coarse)
      .join(' ')
      .replace(/(?:%\{_:text\} ?)+$/, '%{_:rest}'),
  ]) {
    const { template, problems } = readTemplate(line);
    if (problems.length > 0 || !template.parts.some((part) => part.kind === 'literal' && /\w/.test(part.text))) continue;
    const read = cluster.samples.filter((sample) => traceTemplate(template, sample, new Set()).matches);
    if (read.length * 2 > cluster.samples.length) return { line, sample: read[0]! };
  }
  return undefined;
}

function wordTemplate(word: Word, last: boolean, before: Word[], taken: Set<string>): string {
  if (word.wild) return wildTemplate(word, last);
  let text = '';
  for (const piece of word.pieces) {
    if (piece.type === undefined) {
      text += piece.text;
      continue;
    }
    const context = [...before.slice(-2).map(shapeOf), text].join(' ');
    const field = FIELDS.find((one) => one.type === piece.type && one.after.test(context) && !taken.has(one.field))?.field ?? '_';
    if (field !== '_') taken.add(field);
    text += `%{${field}:${piece.type}}`;
  }
  return text;
}

/** Punctuation around a word that changes stays; the rest is a hole. */
function wildTemplate(word: Word, last: boolean): string {
  const shape = shapeOf(word).replace(/\0\w+\0/g, 'x');
  const [, lead = '', tail = ''] = /^([^\w\s]*).*?([^\w\s]*)$/s.exec(shape) ?? [];
  return `${lead}%{_:${last && tail === '' ? 'rest' : 'word'}}${tail}`;
}

function withoutFields(line: string): string {
  return line.replace(/%\{\w+:/g, '%{_:');
}

function coarse(word: Word): string {
  return word.wild || word.pieces.some(({ type }) => type !== undefined) ? '%{_:text}' : shapeOf(word);
}

/** @returns a function that finds the entry that shares most words with a line: those of the same parser first */
function nearestByWords(
  pack: Pack,
  parser: Parser,
): (line: string, urgent: boolean) => { event: string; line: string } | undefined {
  const known = [parser, ...pack.parsers.filter((other) => other !== parser)].flatMap((one) =>
    one.entries.flatMap((entry) =>
      entry.event ? [{ event: entry.event, line: entry.template.source, words: wordSet(entry.template.source) }] : [],
    ),
  );
  return (line, urgent) => {
    const words = wordSet(line);
    let best: (typeof known)[number] | undefined;
    let bestShare = LEAST_SHARE;
    for (const entry of known) {
      // what names a failure is like another failure, not like what shares its nouns
      if (urgent !== (pack.events.get(entry.event)?.outcome === 'failure')) continue;
      const shared = [...words].filter((word) => entry.words.has(word)).length;
      const share = shared / (words.size + entry.words.size - shared || 1);
      if (share > bestShare) {
        best = entry;
        bestShare = share;
      }
    }
    return best;
  };
}

function wordSet(line: string): Set<string> {
  return new Set(
    line
      .replace(/%\{[^}]*\}/g, ' ')
      .toLowerCase()
      .match(/[a-z_]{3,}/g) ?? [],
  );
}
