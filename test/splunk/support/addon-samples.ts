/** The corpus as Splunk's add-on tests want it: events of every source type, and one of each kind with the fields that the engine reads. */
import { readFileSync } from 'node:fs';
import { RecordFinder } from '../../../generator/engine/find-record.js';
import type { Pack, Parser } from '../../../generator/model/pack.js';
import { SHIPPED } from '../../../generator/model/shipped.js';
import { SYSLOG } from '../../../generator/targets/splunk/shipped-records.js';
import { builtInEngine, type Event, parseText } from '../../support/parse-text.js';
import { sampleHead } from '../../support/sample-head.js';

export interface AddonSample {
  raw: string;
  sourcetype: string;
  /** the neutral event */
  kind: string;
  /** as the engine reads it, under CIM's names, unstitched */
  event: Event;
}

/** Recordings that are indexed as a host's syslog, and so sorted by program at index time. */
export const RECORDINGS = [
  'strongswan/psk-brute/gateway.log',
  'strongswan/psk-ok.ikename/gateway.log',
  'strongswan/eap-badpw/gateway.log',
  'libreswan/psk-brute/gateway.log',
].map((path) => ({ sourcetype: SYSLOG, text: readFileSync(new URL(`../../../samples/${path}`, import.meta.url), 'utf8') }));

/** @returns the samples that have a kind of event or a field which no earlier one of their source type has; and so of what the engine ships */
export async function addonSamples(pack: Pack): Promise<AddonSample[]> {
  const found: AddonSample[] = [];
  const seen = new Set<string>();
  const eventKey = pack.fields.get('msg_type')!.cim;
  const add = (raw: string, event: Event | undefined, sourcetypes: string[]) => {
    const kind = event?.[eventKey] as string | undefined;
    if (event === undefined || (kind !== 'ignored' && !pack.events.has(kind!))) return;
    for (const sourcetype of kind === 'ignored' ? sourcetypes : [...sourcetypes, SHIPPED]) {
      const news = [`event ${kind}`, ...Object.keys(event)]
        .map((what) => `${sourcetype} ${what}`)
        .filter((what) => !seen.has(what));
      for (const what of news) seen.add(what);
      if (news.length) found.push({ raw: sourcetype === SHIPPED ? JSON.stringify(event) : raw, sourcetype, kind: kind!, event });
    }
  };
  const finder = new RecordFinder(builtInEngine(), { now: 0, zone: 'UTC' });
  let second = 0;
  for (const { programs, entries, records, sourcetype, sourcetypes, ...parser } of pack.parsers) {
    const head = programs.length ? sampleHead({ programs, ...parser } as Parser) : '';
    const lines = programs.length
      ? entries.map(({ sample }) => head.replace('06:00:00', clock(second++)) + sample)
      : inRecords(
          finder,
          entries.map(({ sample }) => sample),
          records.samples.map(({ text }) => text),
        );
    for (const [index, event] of (await readAll(lines)).entries()) add(lines[index]!, event, [sourcetype]);
    const whole = [...records.codes.map(({ sample }) => sample), ...records.samples.map(({ text }) => text)];
    for (const [index, event] of (await readAll(whole)).entries()) {
      const envelope = finder.find(whole[index]!)?.form.envelope.name;
      const shared = Object.keys(sourcetypes).filter((name) => sourcetypes[name] === envelope);
      add(whole[index]!, event, [sourcetype, ...shared]);
    }
  }
  for (const { text } of RECORDINGS.slice(0, 1))
    for (const event of (await parseText(text, { format: 'cim' })).events) add('', event, []);
  return found;
}

/** @returns records with each of the lines in place of the message of a sample */
function inRecords(finder: RecordFinder, lines: string[], records: string[]): string[] {
  for (const record of records) {
    const parts = record.split(JSON.stringify(finder.find(record)?.message ?? ''));
    if (parts.length === 2) return lines.map((line) => parts.join(JSON.stringify(line)));
  }
  return [];
}

/** @returns the event of each record; together where each is a line */
async function readAll(records: string[]): Promise<(Event | undefined)[]> {
  const options = { format: 'cim', stitch: false, include: ['ignored', 'other'] } as const;
  const read = async (text: string) => (await parseText(text, { ...options, include: [...options.include] })).events;
  if (!records.some((record) => record.includes('\n'))) {
    const events = await read(records.join('\n'));
    if (events.length === records.length) return events;
  }
  const events: (Event | undefined)[] = [];
  for (const record of records) events.push((await read(record))[0]);
  return events;
}

/** Times that tell one sample from another. */
function clock(second: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `06:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

/** What the tests' tables call the data sets of an event, by its tags. */
const MODELS: Record<string, string[]> = {
  alert: ['Alerts'],
  authentication: ['Authentication'],
  certificate: ['Certificates'],
  'change network': ['Change:Network Changes'],
  'ids attack': ['Intrusion Detection'],
  'network session vpn': ['Network Sessions:VPN'],
  'network session start vpn': ['Network Sessions:Session Start', 'Network Sessions:VPN'],
  'network session end vpn': ['Network Sessions:Session End', 'Network Sessions:VPN'],
};

/** @returns pytest-splunk-addon-data.conf and its samples: one event of each kind in each source type, by path */
export function sampleFiles(pack: Pack, samples: AddonSample[]): Map<string, string> {
  const files = new Map<string, string>();
  const stanzas: string[] = [];
  // noise has no data set, and no field of an event
  const events = samples.filter(({ kind }) => kind !== 'ignored');
  for (const [sourcetype, own] of groupBy(events, ({ sourcetype }) => sourcetype)) {
    const kinds = [...groupBy(own, ({ kind }) => kind).values()].map((same) => same[0]!);
    const name = `${sourcetype.replaceAll(':', '_')}.xml`;
    const settings = ['input_type = modinput', 'host_type = plugin', 'timestamp_type = plugin', 'requirement_test_sample = 1'];
    stanzas.push(
      [`[${name.replace('.', '\\.')}]`, `sourcetype = ${sourcetype}`, `sourcetype_to_search = ${sourcetype}`, ...settings].join(
        '\n',
      ),
    );
    const printed = kinds.filter(({ raw }) => !/[^\t\n\r\x20-\u{10ffff}]/u.test(raw)).map((sample) => eventXml(pack, sample));
    files.set(
      `samples/${name}`,
      `<?xml version="1.0" encoding="UTF-8"?>\n<device><vendor>${sourcetype}</vendor><product>${sourcetype}</product><version id="1"/>\n${printed.join('\n')}\n</device>\n`,
    );
  }
  files.set('pytest-splunk-addon-data.conf', `${stanzas.join('\n\n')}\n`);
  return files;
}

function groupBy<T>(list: T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

function eventXml(pack: Pack, { raw, kind, event }: AddonSample): string {
  const models = MODELS[pack.events.get(kind)!.cim?.tags.join(' ') ?? ''] ?? [];
  const common = new Map([...pack.fields.values()].filter(({ name, cim }) => cim !== name).map(({ cim, type }) => [cim, type]));
  const fields = Object.entries(event).filter(
    // Splunk keeps the text of a time; the record's own host and time are the input's here
    ([name]) => (common.has(name) && !['_time', 'dvc'].includes(name) && common.get(name) !== 'date') || name === 'action',
  );
  const listed = fields.map(([name, value]) => `<field name="${name}" value="${escape(pythonText(value))}"/>`);
  return [
    '<event code="" name="" format=""><transport type="modinput"/><source><comment>the corpus</comment></source>',
    `<raw>${escape(raw)}</raw>`,
    '<cim>',
    models.length ? `<models>${models.map((model) => `<model>${model}</model>`).join('')}</models>` : '',
    listed.length ? `<cim_fields>${listed.join('')}</cim_fields>` : '',
    '</cim></event>',
  ].join('');
}

/** As Python prints what JSON says: the tests compare texts. */
function pythonText(value: unknown): string {
  return Array.isArray(value) && value.length > 1 ? `[${value.map((one) => `'${one}'`).join(', ')}]` : String(value);
}

function escape(text: string): string {
  return text.replace(/[&<>"\n]/g, (char) => `&#${char.codePointAt(0)};`);
}
