/** Every detection of the catalogue as a saved search, run by the emulator over every recording and composed case, against the engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_NOW } from '../../generator/audit/run-detection-test.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { splunkExactness, splunkRawExactness } from '../../generator/targets/splunk/exactness.js';
import { composedCases, recordedEvents, recordedLog, recordings } from '../support/detection-logs.js';
import { ParityBook } from '../support/parity.js';
import { Splunk } from './emulator/splunk.js';
import { files, pack } from './support/built.js';
import { Pcre } from './support/pcre.js';
import { hold, lastTime, splunkFindings } from './support/splunk-findings.js';

const book = new ParityBook(
  'splunk',
  'the saved searches in an emulator of Splunk, on the records that "ikeaudit parse --format cim" ships',
);
const logs = new Map<string, LogEvent[]>();
/** What each detection finds, by log: a log is indexed once. */
const found = new Map<string, Map<string, string[]>>();
const verdictOf = new Map(pack.detections.map((detection) => [detection.name, splunkExactness(pack, detection)]));
const expressible = pack.detections.filter(({ name }) => verdictOf.get(name)!.verdict !== 'not expressible');
let pcre: Pcre;

beforeAll(async () => {
  pcre = await Pcre.create();
  for (const name of recordings()) logs.set(name, await recordedEvents(name));
  for (const detection of expressible) for (const [name, events] of composedCases(detection)) logs.set(name, events);
  const splunk = new Splunk(files, pcre);
  for (const [name, events] of logs) {
    hold(splunk, pack, events);
    const wanted = expressible.filter((detection) => !name.includes(': ') || name.startsWith(`${detection.name}: `));
    found.set(
      name,
      new Map(wanted.map((detection) => [detection.name, splunkFindings(splunk, pack, detection, lastTime(events))])),
    );
  }
}, 600_000);
afterAll(() => pcre.destroy());

describe.each(pack.detections.map((detection) => ({ name: detection.name, detection })))('$name', ({ name, detection }) => {
  it('finds what the engine finds, as far as its translation is exact', () => {
    const exactness = verdictOf.get(name)!;
    if (exactness.verdict === 'not expressible') {
      book.leaveOut(detection);
      return;
    }
    const differences = book.compare(pack, detection, exactness, logs, (log) => found.get(log)!.get(name)!);
    if (exactness.verdict === 'exact') expect(differences).toEqual([]);
  });
});

describe('raw lines that the add-on reads', () => {
  const rawBook = new ParityBook(
    'splunk-raw',
    'the saved searches in an emulator of Splunk, on raw syslog that the add-on reads',
  );
  const rawFound = new Map<string, Map<string, string[]>>();
  const rawLogs = new Map<string, LogEvent[]>();

  beforeAll(() => {
    const splunk = new Splunk(files, pcre);
    for (const [name, events] of logs) {
      const sourcetype = name.includes(': ') ? undefined : syslogType(recordedLog(name));
      if (!sourcetype) continue;
      rawLogs.set(name, events);
      splunk.clear();
      splunk.index(recordedLog(name), { sourcetype, host: hostOf(events), now: TEST_NOW / 1000 });
      rawFound.set(
        name,
        new Map(expressible.map((detection) => [detection.name, splunkFindings(splunk, pack, detection, lastTime(events))])),
      );
    }
  }, 900_000);

  it.each(expressible.map((detection) => ({ name: detection.name, detection })))('$name', ({ name, detection }) => {
    const exactness = splunkRawExactness(pack, detection);
    const differences = rawBook.compare(pack, detection, exactness, rawLogs, (log) => rawFound.get(log)!.get(name)!);
    if (exactness.verdict === 'exact') expect(differences).toEqual([]);
  });

  it('differ only as the committed table says', () => rawBook.close());
});

it('is told in docs/parity.md', () => book.close());

/** @returns the source type of an input with this log; undefined where it is no syslog */
function syslogType(log: string): string | undefined {
  if (/^[A-Z][a-z]{2} [ \d]\d \d/.test(log)) return 'ikeaudit:syslog';
  return /^(<\d+>1 )?\d{4}-\d\d-\d\dT/.test(log) ? 'ikeaudit:syslog:iso' : undefined;
}

/** Splunk takes the host of syslog from its header; all records here are of one. */
function hostOf(events: LogEvent[]): string {
  return String(events.find(({ fields }) => fields.host !== undefined)?.fields.host ?? 'gw');
}
