/** The table of docs/source-detections.md, proven: each detection that a source is said to show is fired on a log of that source's own lines, and its everyday log is quiet. */
import { describe, expect, it } from 'vitest';
import { EventReader } from '../../generator/audit/read-events.js';
import { composeEvents, TEST_NOW } from '../../generator/audit/run-detection-test.js';
import { loadPack } from '../../generator/compile.js';
import { type BaselineLists, makeBaseline } from '../../generator/detect/baseline.js';
import { Detector } from '../../generator/detect/detector.js';
import { nameAll } from '../support/name-all.js';
import { fromRow, type LogEvent } from '../../generator/detect/log-event.js';
import type { Finding } from '../../generator/detect/finding.js';
import { canShow } from '../../generator/docs/source-detections.js';
import {
  type Comparison,
  type ComposedEvent,
  type Detection,
  type DetectionTest,
  readKey,
} from '../../generator/model/detection.js';
import type { Parser } from '../../generator/model/pack.js';
import { recordedLog } from '../support/detection-logs.js';
import { Teller } from '../support/tell-in-lines.js';

const pack = loadPack();
/** Whose recordings are the proof: the daemons that were recorded. */
const RECORDED: Record<string, string> = { charon: 'strongswan/', pluto: 'libreswan/' };
/** What no composed log tells: a record of the next day, which only its packets join to its SA. */
const UNTOLD: Record<string, string[]> = { gcp_vpn: ['mobility/nat-appeared'] };
const STRONG = { ike_version: '2', encryption: 'AES_CBC_256', integrity: 'HMAC_SHA2_384_192', dh_group: 20 };
/** A cloud that wraps charon's own lines: a recording, wrapped as it would wrap it. */
const WRAPPED: Record<string, (line: string) => string | undefined> = {
  gcp_vpn: (line) => {
    const [, date, text] = /^(\w{3} [ \d]\d [\d:]{8}) \S+ charon\[\d+\]: \d+\[\w+\] (?:<[^>]*> )?(.*)$/.exec(line) ?? [];
    if (text === undefined) return undefined;
    const timestamp = new Date(`${date} 2026 UTC`).toISOString();
    const around = { logName: 'projects/example/logs/cloud.googleapis.com%2Fipsec_events', resource: { type: 'vpn_gateway' } };
    return JSON.stringify({ ...around, labels: { tunnel_id: '1' }, textPayload: text, timestamp });
  },
};

async function findingsOf(teller: Teller, detection: Detection, log: string, test?: DetectionTest): Promise<Finding[]> {
  const events = await eventsOf(teller, log);
  return detect([detection], events, test?.baseline && ofItsOwn(detection, test.baseline as BaselineLists, events));
}

async function eventsOf(teller: Teller, log: string): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  nameAll(teller.engine);
  const reader = new EventReader(teller.engine, {
    clock: { now: TEST_NOW, zone: 'UTC' },
    forced: undefined,
    wanted: undefined,
    onEvent: (event) => events.push(fromRow(event)),
  });
  reader.parser.parseText(Buffer.from(log));
  await reader.parser.finish();
  return events;
}

function detect(detections: Detection[], events: LogEvent[], lists?: BaselineLists): Finding[] {
  const baseline = lists && makeBaseline(lists);
  const detector = new Detector({ detections, settings: pack.settings, transforms: pack.transforms }, { baseline });
  for (const event of events) detector.feed(event);
  return detector.finish();
}

/** A baseline of another source's names, with those of this one: its host, and what it calls a peer or a connection. */
function ofItsOwn({ groupings, selections }: Detection, lists: BaselineLists, events: LogEvent[]): BaselineLists {
  const selected = Object.values(selections).flatMap(({ any }) => any.flatMap(namesOf));
  const last = events.filter(({ fields }) => selected.includes(String(fields.msg_type))).at(-1)?.fields ?? {};
  const group = Object.fromEntries(
    groupings[0]!.flatMap((key) => {
      const field = readKey(key).fields.find((name) => last[name] !== undefined);
      return field === undefined ? [] : [[field, String(last[field])]];
    }),
  );
  return Object.fromEntries(
    Object.entries(lists).map(([name, rows]) => [name, (rows as unknown[]).map((row) => ({ ...(row as object), group }))]),
  ) as BaselineLists;
}

async function fires(teller: Teller, parser: Parser, detection: Detection): Promise<boolean> {
  const recorded = RECORDED[parser.dataset];
  if (recorded && detection.tests.fires.some(({ recording }) => recording?.startsWith(recorded))) return true;
  const own = detection.tests.fires.filter(({ events, settings }) => events && !settings);
  const cases = [
    ...own.flatMap((test) =>
      [false, true].map((others) => ({ test, events: inOwnWords(parser, detection, composeEvents(test.events!), others) })),
    ),
    ...composedFor(parser, detection).map((composed) => ({ test: own[0], events: composeEvents(composed) })),
  ];
  for (const { test, events } of cases) {
    for (const rank of events.length > 0 ? [0, 1, 2] : []) {
      const log = await teller.tell(events, rank);
      if (log !== undefined && (await findingsOf(teller, detection, log, test)).length > 0) return true;
    }
  }
  const wrap: ((line: string) => string | undefined) | undefined = WRAPPED[parser.dataset];
  if (!wrap) return false;
  for (const test of detection.tests.fires) {
    if (!test.recording?.startsWith('strongswan/') || test.settings) continue;
    const log = recordedLog(test.recording)
      .split('\n')
      .flatMap((line) => wrap(line) ?? []);
    if ((await findingsOf(teller, detection, log.join('\n'), test)).length > 0) return true;
  }
  return false;
}

/** Of several events that are one to a detection, those that the source has; what it never tells is left out. */
function inOwnWords(parser: Parser, detection: Detection, events: LogEvent[], others: boolean): LogEvent[] {
  const own = ownEvents(parser);
  const alike = Object.values(detection.selections).flatMap(({ any }) => any.map(namesOf));
  return events.flatMap((event) => {
    const name = event.fields.msg_type as string;
    const choices = [...alike.filter((values) => values.includes(name)).flat(), name].filter((each) => own.has(each));
    const instead = own.has(name) && !others ? name : (choices.find((each) => each !== name) ?? choices[0]);
    return instead === undefined ? [] : [{ ...event, fields: { ...event.fields, msg_type: instead } }];
  });
}

function ownEvents(parser: Parser): Set<string | undefined> {
  return new Set([...parser.entries, ...parser.records.codes].map(({ event }) => event));
}

function namesOf(comparisons: Comparison[]): string[] {
  return comparisons.filter(({ field }) => field === 'msg_type').flatMap(({ values }) => values.map(String));
}

/** Cases for forms that count records of one kind: as many as it needs, of each branch of its selection. */
function composedFor(parser: Parser, { form, selections }: Detection): ComposedEvent[][] {
  if (form.form !== 'event' && form.form !== 'event_count' && form.form !== 'value_count') return [];
  const times = form.form === 'event' ? 1 : form.atLeast;
  const every = form.form === 'event' ? 1 : form.within / (2 * times);
  const own = ownEvents(parser);
  const branches = form.of.any.flatMap((name) => selections[name]?.any ?? []);
  const of = (comparisons: Comparison[]) => {
    const said = comparisons.find(({ field, op }) => field !== 'msg_type' && op === 'is');
    const names = namesOf(comparisons).filter((each) => own.has(each));
    return names.flatMap((msg_type) =>
      (said?.values ?? [undefined]).map((value) => ({
        at: 0,
        every,
        times,
        late: 0,
        fields: { msg_type, peer_ip: '198.51.100.66', ...(said && value !== undefined ? { [said.field]: value } : {}) },
      })),
    );
  };
  if (form.form === 'value_count' && form.distinct === 'msg_type') return [branches.flatMap(of)];
  return branches.flatMap((comparisons) => of(comparisons).map((event) => [event]));
}

describe.each(pack.parsers.map((parser) => [parser.dataset, parser] as const))('%s', (_, parser) => {
  const shown = pack.detections.filter((detection) => canShow(pack, parser, detection));
  const teller = new Teller(pack, parser);

  it('fires all that it is said to show', { timeout: 300_000 }, async () => {
    const silent: string[] = [];
    for (const detection of shown) if (!(await fires(teller, parser, detection))) silent.push(detection.name);
    expect(silent).toEqual(UNTOLD[parser.dataset] ?? []);
  });

  it('finds nothing above low in an everyday session', { timeout: 300_000 }, async () => {
    const peer = { peer_ip: '198.51.100.11', sa_id: 'a' };
    const events = ['ike_init_received', 'auth_succeeded', 'ike_established', 'traffic_accounting', 'ike_deleted'];
    const own = ownEvents(parser);
    const everyday = events
      .filter((name) => own.has(name))
      .map((msg_type, place) => ({
        at: place === 4 ? 7200 : place,
        every: 1,
        times: 1,
        late: 0,
        fields: { msg_type, ...peer, ...(msg_type === 'ike_established' ? STRONG : {}) },
      }));
    const log = (await teller.tell(composeEvents(everyday))) ?? '';
    const loud = pack.detections.filter(({ level }) => level === 'medium' || level === 'high' || level === 'critical');
    const found = detect(loud, await eventsOf(teller, log)).map(({ detection }) => detection);
    expect(found).toEqual([]);
  });
});
