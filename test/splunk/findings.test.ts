/** Saved searches, run by the emulator, against the engine: detection, group and time of opening of every finding must be the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeEvents } from '../../generator/audit/run-detection-test.js';
import { type BaselineLists, makeBaseline } from '../../generator/detect/baseline.js';
import { Detector } from '../../generator/detect/detector.js';
import type { LogEvent } from '../../generator/detect/log-event.js';
import { type Detection, readKey } from '../../generator/model/detection.js';
import { emitBaselineSearch } from '../../generator/targets/splunk/emit-detection.js';
import { hasBaseline } from '../../generator/targets/splunk/spl-forms.js';
import { baselineName } from '../../generator/targets/splunk/spl-names.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { splunkExactness } from '../../generator/targets/splunk/exactness.js';
import { engineFindings, findingKey } from '../support/detection-logs.js';
import { Splunk } from './emulator/splunk.js';
import type { Row } from './emulator/value.js';
import { files, pack } from './support/built.js';
import { eventsAt, FORM_DETECTIONS, randomly } from './support/form-detections.js';
import { Pcre } from './support/pcre.js';
import { hold, lastTime, splunkFindings } from './support/splunk-findings.js';

const formPack = { ...pack, detections: FORM_DETECTIONS };
let pcre: Pcre;
let splunk: Splunk;
beforeAll(async () => {
  pcre = await Pcre.create();
  splunk = new Splunk(emitSplunk(formPack), pcre);
});
afterAll(() => pcre.destroy());

function both(detection: Detection, events: LogEvent[]): { engine: string[]; splunk: string[] } {
  hold(splunk, formPack, events);
  return {
    engine: engineFindings(formPack, [detection], events),
    splunk: splunkFindings(splunk, formPack, detection, lastTime(events)),
  };
}

/** A log of chance: three peers, three events, at whole seconds. @param gap at most so many seconds between two records; no two at once */
function chanceLog(seed: number, length: number, gap: number, apart: boolean): LogEvent[] {
  const random = randomly(seed);
  const events: Parameters<typeof eventsAt> = [];
  let at = 0;
  for (let i = 0; i < length; i++) {
    at += (apart ? 1 : 0) + random(gap);
    const peer = random(5);
    events.push([
      at,
      {
        msg_type: ['auth_failed', 'auth_succeeded', 'ike_deleted'][random(3)]!,
        ...(peer < 4 ? { peer_ip: `192.0.2.${peer + (random(2) ? 1 : 200)}` } : { connection: 'site' }),
        ...(random(3) ? { user_identity: `user${random(3)}` } : {}),
        ...(random(2) ? { reason: ['x a|b y', 'A|B', 'a'][random(3)]! } : {}),
        lifetime: random(20),
      },
    ]);
  }
  return eventsAt(...events);
}

const verdict = (detection: Detection) => splunkExactness(formPack, detection).verdict;

describe.each(FORM_DETECTIONS.map((detection) => ({ form: detection.name.split('/')[1]!, detection })))(
  '$form',
  ({ detection }) => {
    it('finds on logs of chance what the engine finds', () => {
      const wrong: string[] = [];
      let fired = 0;
      for (let seed = 1; seed <= (process.env.EVERY_LINE ? 200 : 12); seed++) {
        // where records of one moment keep no order, there are none
        const events = chanceLog(seed, 60, [3, 9, 25][seed % 3]!, verdict(detection) !== 'exact');
        const { engine, splunk: found } = both(detection, events);
        fired += engine.length;
        if (engine.join('\n') !== found.join('\n'))
          wrong.push(`log ${seed}\n  engine ${engine.join(' ')}\n  splunk ${found.join(' ')}`);
      }
      if (!detection.name.endsWith('values-of-absences')) expect(wrong).toEqual([]);
      expect(fired, 'no log on which it fires').toBeGreaterThan(0);
    });
  },
);

describe('with what was learnt', () => {
  let own: Splunk;
  beforeAll(() => {
    own = new Splunk(files, pcre);
  });
  const learning = pack.detections.filter(hasBaseline);
  const cases = learning.flatMap((detection) =>
    [...detection.tests.fires, ...detection.tests.quiet].flatMap((test) =>
      test.baseline && test.events ? [{ name: `${detection.name}: ${test.name}`, detection, test }] : [],
    ),
  );

  it.each(cases)('$name', ({ detection, test }) => {
    const events = composeEvents(test.events!);
    hold(own, pack, events);
    own.fillLookup(baselineName(detection), rowsOf(detection, test.baseline as BaselineLists));
    const detector = new Detector(
      { ...pack, detections: [detection] },
      { baseline: makeBaseline(test.baseline as BaselineLists) },
    );
    for (const event of composeEvents(test.events!)) detector.feed(event);
    expect(splunkFindings(own, pack, detection, lastTime(events))).toEqual(detector.finish().map(findingKey).sort());
  });

  it.each(learning.filter(({ form }) => form.form !== 'ratio').map((detection) => ({ name: detection.name, detection })))(
    '$name finds nothing in the records from which it has learnt, and its search keeps what it knew',
    ({ detection }) => {
      const [test] = detection.tests.fires.filter(({ events }) => events);
      const events = composeEvents(test!.events!);
      hold(own, pack, events);
      const search = emitBaselineSearch(pack, detection)!.settings.find(([key]) => key === 'search')![1];
      const now = lastTime(events) + 1;
      const learnt = own.search(search, { now });
      expect(learnt.length).toBeGreaterThan(0);
      expect(splunkFindings(own, pack, detection, now)).toEqual([]);
      expect(own.search(search, { now })).toHaveLength(learnt.length);
      // after ninety days nothing of it is left
      own.clear();
      own.fillLookup(baselineName(detection), learnt);
      expect(own.search(search, { now: now + 91 * 86_400 })).toEqual([]);
    },
  );
});

/** A baseline as the look-up of a detection holds it; groups are named in the order of its keys. */
function rowsOf({ groupings, form }: Detection, lists: BaselineLists): Row[] {
  const order = groupings.flat().flatMap((key) => readKey(key).fields);
  const nameOf = (group: Record<string, string>) =>
    order.flatMap((field) => (field in group ? [`${field}=${group[field]}`] : [])).join(', ');
  const list = lists['baseline' in form ? form.baseline : 'failure_rate'] ?? [];
  return list.flatMap(({ group, values, least, greatest, rate }): Row[] =>
    values
      ? values.map((value) => ({ group: nameOf(group), value: String(value), learnt: 1 }))
      : [{ group: nameOf(group), least, greatest: greatest ?? rate, learnt: 1 }],
  );
}
