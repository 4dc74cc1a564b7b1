/** The eight forms at their edges: windows, orders, deadlines, equal times, late records, and what is forgotten for want of room. */
import { describe, expect, test } from 'vitest';
import { BoundedGroups } from '../../generator/detect/bounded-groups.js';
import { type BaselineLists, makeBaseline } from '../../generator/detect/baseline.js';
import { Detector } from '../../generator/detect/detector.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { loadContent } from '../../generator/load/load-content.js';
import { lower } from '../../generator/lower/lower.js';
import type { Detection, Form, Match } from '../../generator/model/detection.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';

const { pack } = lower(loadContent().documents);
const SELECTIONS = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [name, { name, any: [[{ field: 'msg_type', op: 'is' as const, values: [name] }]], not: [] }]),
);
const of = (...any: string[]) => ({ any, not: [] });

function detection(form: Form, keys: string[], matches: Match[] = []): Detection {
  const example = pack.detections[0]!;
  return {
    ...example,
    name: 'test/test',
    selections: SELECTIONS,
    matches: Object.fromEntries(matches.map((match) => [match.name, match])),
    groupings: [keys],
    form,
  };
}

/** `a@5` is an event a of group x five seconds after the start; `b@5/y` of group y; `a@5=v` with the value v; `+3`: three seconds late. */
function events(text: string, start = 0): LogEvent[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((one, index) => {
      const [, name, at, group = 'x', value, late = '0'] = /^(\w)@([\d.]+)(?:\/(\w+))?(?:=(\w+))?(?:\+(\d+))?$/.exec(one)!;
      const time = start + Number(at) * 1000;
      const fields = { msg_type: name, peer_ip: group, peer_id: value, after: value && Number(value) };
      return { arrival: time + Number(late) * 1000, event: { time, order: index, file: 0, line: index + 1, raw: one, fields } };
    })
    .sort((one, other) => one.arrival - other.arrival)
    .map(({ event }, order) => ({ ...event, order }));
}

function run(one: Detection, records: LogEvent[], start = 0, baseline?: BaselineLists, lateBy = 60): string[] {
  const detector = new Detector(
    { detections: [one], settings: { ...DEFAULT_SETTINGS, lateBy }, transforms: pack.transforms },
    { baseline: baseline && makeBaseline(baseline) },
  );
  for (const event of records) detector.feed(event);
  return detector
    .finish()
    .map(({ group, opened, count }) => `${Object.values(group).join('|')}@${(opened - start) / 1000} x${count}`);
}

const COUNT = detection({ form: 'event_count', of: of('a'), atLeast: 3, within: 10 }, ['peer_ip']);
const VALUES = detection({ form: 'value_count', of: of('a'), distinct: 'peer_id', atLeast: 3, within: 10 }, ['peer_ip']);
const steps = (...list: [string, number][]) => list.map(([name, atLeast]) => ({ of: of(name), atLeast }));
const ORDER = detection({ form: 'temporal_ordered', steps: steps(['a', 1], ['b', 1]), within: 10 }, ['peer_ip']);
const COUNTED = detection({ form: 'temporal_ordered', steps: steps(['a', 3], ['b', 1]), within: 10 }, ['peer_ip']);
const THREE = detection({ form: 'temporal_ordered', steps: steps(['a', 1], ['b', 1], ['c', 1]), within: 10 }, ['peer_ip']);
const ABSENCE = detection({ form: 'absence', of: of('a'), without: of('b'), within: 10, atEnd: 'undecided' }, ['peer_ip']);
const AT_END = detection({ form: 'absence', of: of('a'), without: of('b'), within: 10, atEnd: 'unanswered' }, ['peer_ip']);
const AFTER = detection({ form: 'absence', of: of('a'), without: of('b'), within: 10, after: 'after', atEnd: 'undecided' }, [
  'peer_ip',
]);
const RATIO = detection({ form: 'ratio', of: of('a'), among: of('b'), share: 0.5, atLeast: 4, within: 10 }, ['peer_ip']);
const EVENT = detection({ form: 'event', of: of('a'), quiet: 10 }, ['peer_ip']);
const UNANSWERED: Match = {
  name: 'm',
  by: ['peer_ip'],
  form: { form: 'absence', of: of('a'), without: of('b'), within: 5, atEnd: 'undecided' },
};
const FLOOD = detection({ form: 'event_count', of: of('m'), atLeast: 3, within: 10 }, ['peer_ip'], [UNANSWERED]);

describe.each([
  ['1970', 0],
  ['across New Year', Date.UTC(2026, 11, 31, 23, 59, 55)],
])('%s', (_, start) => {
  test.each<[string, Detection, string, string[]]>([
    ['event: each, until there was silence for so long', EVENT, 'a@0 a@10 a@21', ['x@0 x2', 'x@21 x1']],
    ['event_count: the window exactly', COUNT, 'a@0 a@5 a@10', ['x@10 x3']],
    ['event_count: one second more', COUNT, 'a@0 a@5 a@11', []],
    ['event_count: any window, not the first', COUNT, 'a@0 a@9 a@14 a@18', ['x@18 x3']],
    ['event_count: what follows belongs to the finding', COUNT, 'a@0 a@1 a@2 a@12 a@22 a@33', ['x@2 x5']],
    ['event_count: groups for themselves', COUNT, 'a@0 a@1/y a@2 a@3/y a@4', ['x@4 x3']],
    ['event_count: equal times', COUNT, 'a@0 a@0 a@0', ['x@0 x3']],
    ['event_count: late ones in their place', COUNT, 'a@0 a@20 a@9+30 a@10+30', ['x@10 x4']],
    ['value_count: different values', VALUES, 'a@0=p a@1=q a@2=q a@10=r', ['x@10 x3']],
    ['value_count: the last sight of a value counts', VALUES, 'a@0=p a@5=q a@8=p a@12=r', ['x@12 x3']],
    ['value_count: one second more', VALUES, 'a@0=p a@5=q a@11=r', []],
    ['value_count: no value does not count', VALUES, 'a@0=p a@1 a@2=q', []],
    ['temporal_ordered: the window exactly', ORDER, 'a@0 b@10', ['x@10 x2']],
    ['temporal_ordered: one second more', ORDER, 'a@0 b@11', []],
    ['temporal_ordered: the wrong order', ORDER, 'b@0 a@1', []],
    ['temporal_ordered: equal times keep the order of the log', ORDER, 'a@0 b@0', ['x@0 x2']],
    ['temporal_ordered: equal times in the wrong order', ORDER, 'b@0 a@0', []],
    ['temporal_ordered: the latest begin counts', ORDER, 'a@0 a@8 b@15', ['x@15 x2']],
    ['temporal_ordered: each record serves once', ORDER, 'a@0 b@1 b@2', ['x@1 x2']],
    ['temporal_ordered: a late first step', ORDER, 'b@5 a@3+30 a@40', ['x@5 x2']],
    ['temporal_ordered: a count', COUNTED, 'a@0 a@1 a@2 b@10', ['x@10 x4']],
    ['temporal_ordered: the last ones of a count', COUNTED, 'a@0 a@1 a@2 a@5 b@11', ['x@11 x4']],
    ['temporal_ordered: a count too few', COUNTED, 'a@0 a@1 b@2', []],
    ['temporal_ordered: a count too long ago', COUNTED, 'a@0 a@1 a@2 b@11', []],
    ['temporal_ordered: three steps', THREE, 'a@0 c@1 b@2 c@10', ['x@10 x3']],
    ['temporal_ordered: three steps, one second more', THREE, 'a@0 b@2 c@11', []],
    ['absence: answered at the deadline exactly', ABSENCE, 'a@0 b@10 c@30', []],
    ['absence: answered one second late', ABSENCE, 'a@0 b@11 c@30', ['x@10 x1']],
    ['absence: answered before', ABSENCE, 'b@0 a@1 b@20', ['x@11 x1']],
    ['absence: answered in the same moment, in any order', ABSENCE, 'b@0 a@0 b@20', []],
    ['absence: one answer for all that wait', ABSENCE, 'a@0 a@1 a@2 b@3 b@30', []],
    ['absence: answered to another', ABSENCE, 'a@0 b@1/y b@30/y', ['x@10 x1']],
    ['absence: a late answer in its place', ABSENCE, 'a@0 b@20/y b@5+30 b@90/y', []],
    ['absence: undecided at the end', ABSENCE, 'a@0 b@10/y', []],
    ['absence: unanswered at the end', AT_END, 'a@0 b@10/y', ['x@10 x1']],
    ['absence: the deadline of a field', AFTER, 'a@0=20 b@30 b@90/y', []],
    ['absence: one second after the deadline of a field', AFTER, 'a@0=20 b@31 b@90/y', ['x@30 x1']],
    ['ratio: more than the share', RATIO, 'b@0 a@1 a@2 a@3', ['x@3 x3']],
    ['ratio: the share exactly is not more', RATIO, 'b@0 b@1 a@2 a@3', []],
    ['ratio: too few', RATIO, 'a@0 a@1 a@2', []],
    ['ratio: one second more than the window', RATIO, 'a@0 a@1 a@2 a@11', []],
    ['a count of absences', FLOOD, 'a@0 a@5 a@10 b@40/y', ['x@10 x3']],
    ['a count of absences, one second more', FLOOD, 'a@0 a@5 a@11 b@40/y', []],
    ['a count of absences, one of them answered', FLOOD, 'a@0 a@9 b@10 a@11 b@40/y', []],
  ])('%s', (_name, one, text, expected) => {
    expect(run(one, events(text, start), start)).toEqual(expected);
  });
});

test('a record that is later than the settings allow is not counted, and told', () => {
  const detector = new Detector({ detections: [COUNT], settings: { ...DEFAULT_SETTINGS, lateBy: 5 }, transforms: [] });
  for (const event of events('a@0 a@30 a@1+40 a@40 a@50')) detector.feed(event);
  expect(detector.finish()).toEqual([]);
  expect(detector.late).toBe(1);
});

test.each<[string, Form, BaselineLists | undefined, string, string[]]>([
  [
    'first_seen: a value that is not in the list',
    { form: 'first_seen', of: of('a'), value: 'hour', baseline: 'hours', quiet: 10 },
    { hours: [{ group: { peer_ip: 'x' }, values: [1, 2] }] },
    'a@3600 a@7200 a@10800 a@10805 a@10820 a@3/y',
    ['x@10800 x2', 'x@10820 x1'],
  ],
  [
    'first_seen: nothing without a baseline',
    { form: 'first_seen', of: of('a'), value: 'hour', baseline: 'hours', quiet: 10 },
    undefined,
    'a@0 a@3600',
    [],
  ],
  [
    'deviation: outside by more than the tolerance',
    {
      form: 'deviation',
      of: of('a'),
      measure: 'hour',
      baseline: 'hours',
      side: 'above',
      tolerance: 0.5,
      learns: false,
      quiet: 9,
    },
    { hours: [{ group: { peer_ip: 'x' }, least: 1, greatest: 2 }] },
    'a@0 a@10800 a@14400',
    ['x@14400 x1'],
  ],
  [
    'deviation: learns from the same log where there is no baseline',
    { form: 'deviation', of: of('a'), measure: 'hour', baseline: 'hours', side: 'above', tolerance: 0, learns: true, quiet: 9 },
    undefined,
    'a@3600 a@3601 a@7200 a@0/y',
    ['x@7200 x1'],
  ],
])('%s', (_, form, baseline, text, expected) => {
  const records = events(text).sort((one, other) => one.time - other.time);
  expect(run(detection(form, ['peer_ip']), records, 0, baseline)).toEqual(expected);
});

describe('a group without a key', () => {
  const keys = (...list: string[]) => detection({ form: 'event', of: of('a'), quiet: 10 }, list);
  const record = (fields: object): LogEvent => ({
    time: 0,
    order: 0,
    file: 0,
    line: 1,
    raw: '',
    fields: { msg_type: 'a', ...fields },
  });
  test.each<[string, Detection, object, string[]]>([
    ['is not counted', keys('peer_ip'), {}, []],
    ['is of nobody, where the key may be missing', keys('peer_ip?'), {}, ['@0 x1']],
    ['is of the log, where the host is missing', keys('gateway'), {}, ['@0 x1']],
    ['takes the next field of a named key', keys('peer'), { connection: 'site1' }, ['site1@0 x1']],
    ['has the others', keys('gateway', 'peer?'), { host: 'gw' }, ['gw@0 x1']],
  ])('%s', (_, one, fields, expected) => {
    expect(run(one, [record(fields)])).toEqual(expected);
  });
});

describe('bounded groups', () => {
  test('those that were seen once go first, then the oldest; each is counted', () => {
    const gone: string[] = [];
    const groups = new BoundedGroups<string>(3, (state) => gone.push(state));
    for (const id of ['a', 'a', 'b', 'c', 'd', 'e']) groups.get(id, () => id);
    expect(gone).toEqual(['b', 'c']);
    for (const id of ['d', 'e', 'f', 'g']) groups.get(id, () => id);
    expect(gone).toEqual(['b', 'c', 'a', 'f']);
    expect(groups.evicted).toBe(4);
    expect(groups.size).toBe(3);
  });

  test('a million new groups evict in time that does not grow with what has gone', () => {
    const groups = new BoundedGroups<number>(1000);
    const started = performance.now();
    for (let id = 0; id < 1_000_000; id++) groups.get(String(id), () => id);
    expect(groups.evicted).toBe(999_000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
