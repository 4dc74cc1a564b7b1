/** Tells neutral events in a source's own words: each becomes the sample of an entry that makes such an event, with the event's values in the places of the sample's. */
import type { LogEvent } from '../../generator/detect/log-event.js';
import { nameValues } from '../../generator/model/field-numbers.js';
import { nameAll } from './name-all.js';
import { compileEngine, type Engine } from '../../generator/engine/compile-engine.js';
import { wayOf } from '../../generator/engine/find-path.js';
import { Collector } from '../../generator/engine/collect.js';
import { RecordParser } from '../../generator/engine/parse-records.js';
import { EVENT, RecordReader } from '../../generator/engine/record.js';
import type { Entry, EventMatch, Pack, Parser } from '../../generator/model/pack.js';
import type { CodeEntry, RecordForm, Take } from '../../generator/model/record-form.js';
import { sampleHead } from './sample-head.js';

type Fields = Record<string, unknown>;

const CLOCK = { now: Date.parse('2027-01-01T00:00:00.000Z'), zone: 'UTC' };
/** Names of groups as most vendors spell them. */
const GROUPS: Record<string, string> = { 2: 'MODP_1024', 14: 'MODP_2048', 19: 'ECP_256', 20: 'ECP_384', 21: 'ECP_521' };
/** What a program's header says where nobody asks. */
const HEADER_DEFAULTS: Record<string, unknown> = { thread: 7, subsystem: 'IKE', connection: 'site9' };
/** When the samples were written. */
const SAMPLE_TIMES = [
  /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?=Z|[+-]\d\d:?\d\d)/g,
  /\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/g,
  /\b20\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d/g,
  /\b\d\d\/\d\d\/20\d\d \d\d:\d\d:\d\d/g,
  /\bdate=20\d\d-\d\d-\d\d time=\d\d:\d\d:\d\d/g,
  /\b17\d{8}(?=\.|\d{3}\b|\d{6}\b|\d{9}\b|\b)/g,
];

export class Teller {
  readonly engine: Engine;
  private readonly pack: Pack;
  private readonly parser: Parser;
  private readonly reader: RecordReader;
  private readonly records: RecordParser;
  private first: Fields | undefined;
  private rank = 0;
  private readonly ranked = new Map<string, (Entry | CodeEntry)[]>();
  private readonly begun = new Set<unknown>();
  /** what the record says in which lines stand */
  private around: Fields = {};
  private readonly numbers = new Map<string, number>();

  constructor(pack: Pack, parser: Parser) {
    this.pack = pack;
    this.parser = parser;
    this.engine = compileEngine({ ...pack, parsers: [parser] });
    this.reader = new RecordReader(this.engine, CLOCK);
    nameAll(this.engine);
    const collector = new Collector(this.engine, ({ values }) => (this.first ??= nameValues(values)));
    this.records = new RecordParser(this.engine, collector, {
      clock: CLOCK,
      stitch: false,
      include: new Set(),
      forced: undefined,
    });
  }

  /** @param rank 0 for the words that say most of what is wanted, 1 for the next best. @returns a log, or undefined where the source has no words for one of the events */
  async tell(events: LogEvent[], rank = 0): Promise<string | undefined> {
    this.rank = rank;
    this.numbers.clear();
    this.begun.clear();
    const lines: string[] = [];
    const [sample] = this.parser.records.samples;
    if (sample) this.around = (await this.read(sample.text)) ?? {};
    for (const event of events) {
      const told = await this.tellOne(event.fields.msg_type as string, this.wantedOf(event.fields), event.time);
      if (!told) return undefined;
      lines.push(...told);
    }
    return lines.join('\n');
  }

  /** What the record should say: the event's fields, under the names that this source may have for them. */
  private wantedOf(fields: Fields): Fields {
    const { sa_id: sa, ...wanted } = fields;
    const key = this.parser.stitch?.sa?.key;
    if (key !== undefined) {
      const name = String(sa ?? `own ${this.numbers.size}`);
      const number = this.numbers.get(name) ?? this.numbers.size + 1;
      this.numbers.set(name, number);
      wanted[key] = key.startsWith('ike_spi') ? number.toString(16).padStart(16, 'a') : number;
    }
    wanted.user_identity ??= wanted.peer_id;
    wanted.peer_id ??= wanted.user_identity;
    return wanted;
  }

  private async tellOne(event: string, wanted: Fields, time: number): Promise<string[] | undefined> {
    const ranked = await this.rankedFor(event, wanted, time);
    const entry = ranked[Math.min(this.rank, ranked.length - 1)];
    const best = entry && (await this.write(entry, event, wanted, time));
    if (!best) return undefined;
    const { exchange, sa } = this.parser.stitch ?? {};
    const key = sa && { [sa.key]: wanted[sa.key] };
    const told = async (name: string, fields: Fields): Promise<string[]> => {
      const all = { ...key, ...fields };
      const [first] = await this.rankedFor(name, all, time);
      const written = first && (await this.write(first, name, all, time));
      return written ? [written.text] : [];
    };
    const around = async (list: EventMatch[]) => {
      const match = list.find((each) => ![event, 'ike_init_received', 'ike_established', 'ike_deleted'].includes(nameOf(each)));
      if (!match) return [];
      return told(nameOf(match), { ...ownOf(match), peer_ip: wanted.peer_ip });
    };
    const isFramed =
      exchange?.opens.length &&
      wanted.peer_ip !== undefined &&
      (best.fields.peer_ip === undefined || nameOf(exchange.opens[0]!) === 'packet_received');
    const number = sa && wanted[sa.key];
    const isBegun = sa && !this.begun.has(number) && (best.fields.peer_ip === undefined || best.fields[sa.key] === undefined);
    if (sa) this.begun.add(number);
    const isIntroduced =
      sa?.learns.includes('peer_id') &&
      wanted.peer_id !== undefined &&
      best.fields.peer_id === undefined &&
      event !== 'auth_failure_reason';
    const begin = sa?.begins.find((each) => nameOf(each) !== event);
    return [
      ...(isFramed ? await around(exchange.opens) : []),
      ...(isBegun && begin ? await told(nameOf(begin), { ...ownOf(begin), peer_ip: wanted.peer_ip }) : []),
      ...(isIntroduced ? await told('auth_failure_reason', { peer_id: wanted.peer_id }) : []),
      best.text,
      ...(isFramed ? await around(exchange.closes) : []),
    ];
  }

  /** The entries that make such an event, those first that say most of what is wanted; found out once for all events with the same fields. */
  private async rankedFor(event: string, wanted: Fields, time: number): Promise<(Entry | CodeEntry)[]> {
    const key = [
      event,
      ...Object.keys(wanted).filter((name) => wanted[name] !== undefined),
      wanted.reason,
      wanted.exchange,
      wanted.message_kind,
    ].join(' ');
    const known = this.ranked.get(key);
    if (known) return known;
    const scored: { entry: Entry | CodeEntry; score: number }[] = [];
    for (const entry of this.entriesOf(event)) {
      const written = await this.write(entry, event, wanted, time);
      if (written) scored.push({ entry, score: written.score });
    }
    const entries = scored.sort((one, other) => other.score - one.score).map(({ entry }) => entry);
    this.ranked.set(key, entries);
    return entries;
  }

  private entriesOf(event: string): (Entry | CodeEntry)[] {
    const { entries, records } = this.parser;
    return [...entries, ...records.codes].filter((entry) => entry.event === event);
  }

  private async write(entry: Entry | CodeEntry, event: string, wanted: Fields, time: number): Promise<Written | undefined> {
    const text = 'when' in entry ? await this.writeRecord(entry, wanted, time) : this.writeLine(entry, wanted, time);
    const fields = text === undefined ? undefined : await this.read(text);
    if (!fields || fields.msg_type !== event) return undefined;
    const asWanted = Object.entries(wanted).filter(([name, value]) => sameValue(fields[name], value)).length;
    const against = Object.entries(entry.set).filter(
      ([name, value]) => wanted[name] !== undefined && !sameValue(value, wanted[name]),
    );
    const score = asWanted - 10 * against.length;
    return { text: text!, fields, score };
  }

  /** @returns what a record says by itself */
  private async read(text: string): Promise<Fields | undefined> {
    this.first = undefined;
    this.records.parseText(Buffer.from(text));
    await this.records.finish();
    return this.first;
  }

  private writeLine(entry: Entry, wanted: Fields, time: number): string | undefined {
    const line = Buffer.from(this.wrap(entry.sample, wanted, time));
    if (this.reader.read(line, 0, line.length) !== EVENT || this.reader.leaf!.entry !== entry) return undefined;
    const { messageStart, starts, ends, leaf } = this.reader;
    const sample = Buffer.from(entry.sample);
    let message = '';
    let at = 0;
    const captures = leaf!.captures
      .map(({ slot, field, kind }) => ({ from: starts[slot]! - messageStart, end: ends[slot]! - messageStart, field, kind }))
      .filter(({ from, end }) => end > from && end <= sample.length)
      .sort((a, b) => a.from - b.from);
    for (const { from, end, field, kind } of captures) {
      const value = valueFor(field.name, kind, wanted);
      if (value === undefined) continue;
      message += sample.toString('utf8', at, from) + value;
      at = end;
    }
    return this.wrap(message + sample.toString('utf8', at), wanted, time);
  }

  /** Puts a line into a record of the source: behind headers, or into the record's message. */
  private wrap(line: string, wanted: Fields, time: number): string {
    const { programs, records } = this.parser;
    if (programs.length > 0) {
      const [, day, month, year, clock] = /(\d\d) (\w{3}) (\d{4}) ([\d:]+)/.exec(new Date(time).toUTCString())!;
      const head = sampleHead(this.parser).replace(
        /^\w{3} \d\d( 20\d\d)? [\d:]+/,
        (_, hasYear: string | undefined) => `${month} ${day!.replace(/^0/, ' ')}${hasYear ? ` ${year}` : ''} ${clock}`,
      );
      return head + (this.parser.envelopes.length > 0 ? line : this.headed(line, wanted));
    }
    const sample = records.samples[0];
    const form = sample && this.formOf(sample.text);
    const path = form?.fields.message?.[0];
    if (!sample || path === undefined) return line;
    let text = shift(sample.text, time);
    for (const take of records.take) {
      const value = this.takenText(take, wanted, this.around, text, form!);
      if (value !== undefined) text = setInText(text, form!, take.path, value);
    }
    // what stands before the line in the sample's message stays there
    const message = textInText(text, form!, path) ?? '';
    const own = this.parser.entries.find((entry) => message.endsWith(entry.sample));
    return setInText(text, form!, path, own ? message.slice(0, -own.sample.length) + line : line);
  }

  /** Puts the program's own header before a line: the one that tells most of what is wanted. */
  private headed(line: string, wanted: Fields): string {
    let best = line;
    let most = 0;
    for (const { parts } of this.parser.headers) {
      const values = parts.map((part) => {
        if (part.kind === 'literal') return part.text;
        if (part.kind === 'choice') return part.options[0] ?? '';
        return part.field === 'message' ? line : String(wanted[part.field] ?? HEADER_DEFAULTS[part.field] ?? '\0');
      });
      const told = parts.filter((part) => part.kind === 'capture' && wanted[part.field] !== undefined).length;
      if (told > most && !values.includes('\0')) [best, most] = [values.join(''), told];
    }
    return best;
  }

  private async writeRecord(entry: CodeEntry, wanted: Fields, time: number): Promise<string | undefined> {
    let text = shift(entry.sample, time);
    const form = this.formOf(entry.sample);
    if (!form) return undefined;
    const before = await this.read(entry.sample);
    for (const take of [...entry.take, ...this.parser.records.take]) {
      const value = this.takenText(take, wanted, before ?? {}, text, form);
      if (value !== undefined) text = setInText(text, form, take.path, value);
    }
    return text;
  }

  /** @returns the raw text with which the record says what is wanted; undefined where the path has nothing to do with it */
  private takenText(take: Take, wanted: Fields, before: Fields, text: string, form: RecordForm): string | undefined {
    if (take.line) {
      let raw = textInText(text, form, take.path);
      if (raw === undefined) return undefined;
      for (const part of take.line.parts) {
        if (part.kind === 'literal' || !part.field || wanted[part.field] === undefined || before[part.field] === undefined)
          continue;
        raw = raw.replace(String(before[part.field]), String(wanted[part.field]));
      }
      return raw;
    }
    const rows = take.table === undefined ? [] : Object.entries(this.parser.records.tables[take.table]!);
    const row = rows.find(([, to]) =>
      typeof to === 'object'
        ? Object.keys(to).every((name) => wanted[name] === undefined || sameValue(to[name], wanted[name])) &&
          Object.keys(to).some((name) => wanted[name] !== undefined)
        : take.field !== undefined && this.isSame(take, to, wanted[take.field]),
    );
    if (row) return row[0];
    if (take.field === undefined || wanted[take.field] === undefined || rows.length > 0) return undefined;
    const value = wanted[take.field];
    return take.times ? String(Math.ceil(Number(value) / take.times)) : String(value);
  }

  private isSame({ type }: Take, word: unknown, wanted: unknown): boolean {
    if (wanted === undefined) return false;
    if (type !== 'algorithm') return sameValue(word, wanted);
    const algorithm = this.engine.parsers[0]!.vocabulary.algorithm(String(word));
    return sameValue(algorithm?.value ?? word, wanted);
  }

  private formOf(text: string): RecordForm | undefined {
    const names = Object.keys(this.parser.structured);
    const is = { json: /^\s*\{/, xml: /^\s*</, kv: /^date=|=/, csv: /^[^{<]*[,\t]/, rfc5424: /^<\d+>1 / };
    return this.pack.envelopes.find(
      ({ name, form }) => names.includes(name) && form && is[form.format].test(text) && this.hasAll(form, text),
    )?.form;
  }

  private hasAll(form: RecordForm, text: string): boolean {
    return form.has.every((path) => textInText(text, form, path) !== undefined || text.includes(path.split('.').at(-1)!));
  }
}

interface Written {
  text: string;
  fields: Fields;
  score: number;
}

function nameOf(match: EventMatch): string {
  return typeof match === 'string' ? match : match.event;
}

/** What a record of this kind must say beside its event. */
function ownOf(match: EventMatch): Fields {
  if (typeof match === 'string') return {};
  const { event: _, ...own } = match;
  return own;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && !Array.isArray(b)) return a.length === 1 && sameValue(a[0], b);
  return (
    a !== undefined &&
    JSON.stringify(a).toLowerCase().replace(/^"|"$/g, '') === JSON.stringify(b)?.toLowerCase().replace(/^"|"$/g, '')
  );
}

function valueFor(name: string, kind: string, wanted: Fields): string | undefined {
  if ((kind === 'proposal' || kind === 'suite') && wanted.encryption !== undefined) {
    const { encryption, integrity, prf, dh_group } = wanted;
    const group = dh_group === undefined ? undefined : (GROUPS[String(dh_group)] ?? `MODP_${String(dh_group)}`);
    const parts = [encryption, integrity, prf === undefined ? undefined : `PRF_${String(prf)}`, group].filter(
      (part) => part !== undefined,
    );
    return kind === 'proposal' ? `IKE:${parts.join('/')}` : parts.join('-');
  }
  const value = wanted[name];
  return value === undefined ? undefined : Array.isArray(value) ? value.join(' ') : String(value);
}

/** Moves a record's own times. */
function shift(text: string, time: number): string {
  const iso = new Date(time).toISOString();
  const [date, clock] = [iso.slice(0, 10), iso.slice(11, 23)];
  const [y, m, d] = date.split('-');
  const news = [
    `${date}T${clock}`,
    `${date} ${clock}`,
    `${y}/${m}/${d} ${clock.slice(0, 8)}`,
    `${m}/${d}/${y} ${clock.slice(0, 8)}`,
    `date=${date} time=${clock.slice(0, 8)}`,
    String(Math.floor(time / 1000)),
  ];
  return SAMPLE_TIMES.reduce((changed, pattern, index) => changed.replace(pattern, news[index]!), text);
}

/** A key's place in the text of a record of this form: what stands before the value, the value, and what stands behind. */
function placeOf(text: string, form: RecordForm, path: string): { from: number; end: number } | undefined {
  for (const steps of wayOf(path, form.names)) {
    const key = steps.filter((step) => step !== '*').at(-1)!;
    const name = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (form.format === 'csv') {
      const whole = steps.join('.');
      const place = form.columns.includes(whole) ? form.columns.indexOf(whole) : Number(key) - 1;
      if (!(place >= 0)) continue;
      const column = `(?:"[^"]*"|[^${form.separator}]*)`;
      const found = new RegExp(`^(?:${column}${form.separator}){${place}}"?`).exec(text);
      if (!found) continue;
      const from = found[0].length;
      return {
        from,
        end:
          from + /^[^"]*?(?="|$)|^/.exec(text.slice(from))![0].length === from || !found[0].endsWith('"')
            ? from + new RegExp(`^[^${form.separator}]*`).exec(text.slice(from))![0].length
            : text.indexOf('"', from),
      };
    }
    const nth = Number(/^param(\d+)$/.exec(key)?.[1] ?? 0);
    const patterns: Record<string, RegExp> = {
      json: new RegExp(`"(?:[\\w.]+\\.)?${name}"\\s*:\\s*"?`),
      xml:
        nth > 0
          ? new RegExp(`<Data>(?:[^<]*</Data><Data>){${nth - 1}}`)
          : new RegExp(`(?:Name=['"]${name}['"]>|<${name}(?: [^>]*)?>|\\b${name}=['"])`),
      kv: new RegExp(`\\b${name}=`),
      rfc5424: new RegExp(`\\b${name}="`),
    };
    const found = patterns[form.format]!.exec(text);
    if (!found) continue;
    const from = found.index + found[0].length;
    const rest = text.slice(from);
    const quoted = form.format === 'kv' && rest.startsWith('"');
    const value = quoted
      ? /^"[^"]*"/
      : found[0].endsWith('"')
        ? /^(?:[^"\\]|\\.)*/
        : form.format === 'xml'
          ? /^[^<'"]*/
          : form.format === 'kv'
            ? new RegExp(`^[^${form.between}]*`)
            : /^[^,}\]]*/;
    return { from, end: from + value.exec(rest)![0].length };
  }
  return undefined;
}

function textInText(text: string, form: RecordForm, path: string): string | undefined {
  const place = placeOf(text, form, path);
  return place && text.slice(place.from, place.end).replace(/^"|"$/g, '');
}

function setInText(text: string, form: RecordForm, path: string, value: string): string {
  const place = placeOf(text, form, path);
  if (!place) return text;
  const inside = form.format === 'json' ? JSON.stringify(value).slice(1, -1) : value;
  const quoted = form.format === 'kv' && text[place.from] === '"' ? `"${inside}"` : inside;
  return text.slice(0, place.from) + quoted + text.slice(place.end);
}
