/** Saved searches, run by the emulator, against the engine: detection, group and time of opening of every finding must be the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEvent } from '../../generator/detect/log-event.js';
import type { Detection } from '../../generator/model/detection.js';
import { emitSplunk, splunkExactness } from '../../generator/targets/splunk/emit.js';
import { engineFindings } from '../support/detection-logs.js';
import { Splunk } from './emulator/splunk.js';
import { pack } from './support/built.js';
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
