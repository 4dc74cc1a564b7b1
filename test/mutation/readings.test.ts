/** Faults in parsers and in the vocabulary: does each target, made from the wrong content, disagree with the engine on the right one? */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeFindings, runDetectionTest } from '../../generator/audit/run-detection-test.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lowerSettings } from '../../generator/lower/lower-settings.js';
import type { MutationResult } from '../../generator/docs/mutation.js';
import { compileEngine } from '../../generator/engine/compile-engine.js';
import { openSource } from '../../generator/engine/source.js';
import type { Pack } from '../../generator/model/pack.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';
import { pipelineName } from '../../generator/targets/elastic/emit-pipeline.js';
import { detectionPath } from '../../generator/targets/sigma/emit-detection.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { differences as elasticDifferences, engineEvents, NOW } from '../elastic/support/compare.js';
import { type Document, Node } from '../elastic/support/node.js';
import { runOnSqlite, sqliteFindings } from '../sigma/run-on-sqlite.js';
import { writeFiles } from '../sigma/run-sigma.js';
import { Splunk } from '../splunk/emulator/splunk.js';
import { SearchTime } from '../splunk/emulator/search-time.js';
import { pack } from '../splunk/support/built.js';
import { differences as splunkDifferences } from '../splunk/support/differences.js';
import { Pcre } from '../splunk/support/pcre.js';
import { hold, lastTime, splunkFindings } from '../splunk/support/splunk-findings.js';
import { composedCases, engineFindings, recordings } from '../support/detection-logs.js';
import { parseWith } from '../support/example-parser.js';
import { type Event, parseText } from '../support/parse-text.js';
import { countPeers, failedAttempts, UNCOUNTED } from '../support/truth.js';
import { keepResults } from './mutation-book.js';
import { READING_FAULTS } from './reading-faults.js';

const HEADS: Record<string, string> = {
  'strongswan.charon': 'Nov 24 06:00:00 gw charon[1]: 05[IKE] <gw|7> ',
  'libreswan.pluto': 'Nov 24 06:00:00 gw pluto[1]: "rw"[2] 198.51.100.66 #7: ',
};
/** What no sample of a line says, and every recording does. */
const OTHERS: Record<string, string[]> = {
  'strongswan.charon': ['Nov 24 06:00:00 gw charon[1]: 05[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]'],
};
const guessing = pack.detections.find(({ name }) => name === 'authentication/auth-failures-from-one-peer')!;
const results: MutationResult[] = READING_FAULTS.map(({ fault, where }) => ({ fault, where, caught: {} }));
const concerned = (target: 'engine' | 'splunk' | 'elastic' | 'sigma') =>
  READING_FAULTS.flatMap((fault, index) =>
    (fault.only ? fault.only.includes(target) : target !== 'sigma') ? [{ ...fault, index }] : [],
  );

/** The parsers alone whose lines are read here: all others cost time. */
const small = (whole: Pack): Pack => ({ ...whole, parsers: whole.parsers.filter(({ name }) => name in HEADS) });
const linesOf = (name: string) => [
  ...pack.parsers.find((parser) => parser.name === name)!.entries.map(({ sample }) => HEADS[name] + sample),
  ...(OTHERS[name] ?? []),
];
const lines = new Map(Object.keys(HEADS).map((name) => [name, linesOf(name)]));

/** The parsers that a fault changes; a fault of the vocabulary changes them all. */
function changed(before: Pack, after: Pack): string[] {
  const own = before.parsers.filter((parser, index) => after.parsers[index] !== parser).map(({ name }) => name);
  return own.length ? own : Object.keys(HEADS);
}

let pcre: Pcre;
const neutral = new Map<string, Event[]>();
beforeAll(async () => {
  pcre = await Pcre.create();
  for (const [name, own] of lines)
    neutral.set(name, (await parseText(own.join('\n'), { stitch: false, include: ['ignored', 'other'] })).events);
});
afterAll(() => pcre.destroy());

/** @returns whether some line of the parsers is read differently by Splunk and the engine */
function splunkDiffers(files: ReadonlyMap<string, string>, events: ReadonlyMap<string, Event[]>, names: string[]): boolean {
  return names.some((name) => {
    const { sourcetype } = pack.parsers.find((parser) => parser.name === name)!;
    const splunk = new SearchTime(files, pcre, sourcetype, '(?ms)');
    return lines.get(name)!.some((line, index) => splunkDifferences(events.get(name)![index]!, splunk.run(line)).length > 0);
  });
}

/** @returns whether the saved search finds something else in shipped records than the engine does */
function shippedDiffers(mutated: Pack): boolean {
  const own = { ...mutated, detections: [guessing] };
  const splunk = new Splunk(emitSplunk(own), pcre);
  return composedCases(guessing).some(([, events]) => {
    hold(splunk, pack, events);
    return splunkFindings(splunk, own, guessing, lastTime(events)).join() !== engineFindings(pack, [guessing], events).join();
  });
}

describe('before anything is changed', () => {
  it('Splunk reads as the engine does', { timeout: 300_000 }, () => {
    expect(splunkDiffers(emitSplunk(small(pack)), neutral, Object.keys(HEADS))).toBe(false);
    expect(shippedDiffers(small(pack))).toBe(false);
  });
});

it('splunk: search-time fields', { timeout: 1_200_000 }, () => {
  for (const { apply, index, shipped } of concerned('splunk')) {
    const mutated = small(apply(pack));
    results[index]!.caught.splunk = shipped
      ? shippedDiffers(mutated)
      : splunkDiffers(emitSplunk(mutated), neutral, changed(small(pack), mutated));
  }
});

it('engine: other readers of the same lines, and the tests of the detections', { timeout: 1_200_000 }, async () => {
  const files = emitSplunk(small(pack));
  for (const { apply, index } of concerned('engine')) {
    const mutated = apply(pack);
    const events = new Map<string, Event[]>();
    for (const name of changed(small(pack), small(mutated)))
      events.set(name, (await parseWith(small(mutated), lines.get(name)!.join('\n'))).events);
    const isShort = [...events].some(([name, own]) => own.length !== lines.get(name)!.length);
    results[index]!.caught.engine =
      isShort || splunkDiffers(files, events, [...events.keys()]) || (await failsTests(small(mutated)));
  }
});

/** @returns whether some detection's test on a recording or on lines fails with the engine of this pack */
async function failsTests(mutated: Pack): Promise<boolean> {
  const engine = compileEngine(mutated);
  for (const detection of pack.detections) {
    for (const test of [...detection.tests.fires, ...detection.tests.quiet]) {
      if (test.events || !/^(strongswan|libreswan)\/|^$/.test(test.recording ?? '')) continue;
      const settings = lowerSettings(test.settings, DEFAULT_SETTINGS);
      const applied = applySettings({ ...pack, detections: [detection] }, settings).detections[0]!;
      const source = test.recording ? await openSource(join('samples', test.recording, test.log ?? 'gateway.log')) : undefined;
      try {
        if (judgeFindings(test, await runDetectionTest(engine, applied, test, settings, source))) return true;
      } finally {
        await source?.close();
      }
    }
  }
  return failsTruth(mutated);
}

/** @returns whether the failed attempts of some peer are not as many as the driver of a recording has made */
async function failsTruth(mutated: Pack): Promise<boolean> {
  for (const recording of recordings().map((name) => `samples/${name}`)) {
    if (UNCOUNTED.includes(recording)) continue;
    const { events } = await parseWith(mutated, readFileSync(`${recording}/gateway.log`), true);
    const peers = events.filter(({ msg_type }) => msg_type === 'auth_failed').map(({ peer_ip }) => String(peer_ip));
    if (!isDeepStrictEqual(countPeers(peers), failedAttempts(recording))) return true;
  }
  return false;
}

it('sigma: pysigma-backend-sqlite', { timeout: 600_000 }, () => {
  const logs = new Map(composedCases(guessing));
  for (const { apply, index } of concerned('sigma')) {
    const folder = writeFiles(emitSigma({ ...apply(pack), events: new Map(), detections: [guessing] }));
    const path = join(folder, detectionPath(guessing));
    const found = runOnSqlite(pack, [[path, guessing]], logs)[path]!;
    results[index]!.caught.sigma = [...logs].some(
      ([log, events]) => sqliteFindings(pack, guessing, found, log).join() !== engineFindings(pack, [guessing], events).join(),
    );
    rmSync(folder, { recursive: true });
  }
});

describe('elastic', () => {
  it('pipelines on OpenSearch', { timeout: 1_200_000 }, async () => {
    const node = new Node();
    const ecs = new Map<string, Event[]>();
    for (const [name, own] of lines) ecs.set(name, await engineEvents(own));
    const differs = async (whole: Pack, names: string[]) => {
      const files = emitElastic(small(whole));
      for (const name of names) {
        const parser = whole.parsers.find((one) => one.name === name)!;
        const pipeline = `${pipelineName(parser)}-mutated`;
        await node.must('PUT', `/_ingest/pipeline/${pipeline}`, files.get(`pipelines/${pipelineName(parser)}.json`));
        const own = lines.get(name)!;
        const documents = await node.simulate(
          pipeline,
          own.map((message) => ({ message, '@timestamp': NOW })),
        );
        if (own.some((_, index) => elasticDifferences(ecs.get(name)![index]!, documents[index] as Document).length)) return true;
      }
      return false;
    };
    expect(await differs(pack, Object.keys(HEADS))).toBe(false);
    for (const { apply, index } of concerned('elastic')) {
      const mutated = apply(pack);
      results[index]!.caught.elastic = await differs(mutated, changed(small(pack), small(mutated)));
    }
  });
});

describe('faults in parsers and in the vocabulary', () => {
  it('are caught', () => {
    const pairs = keepResults('readings', results).flatMap(({ caught }) => Object.values(caught));
    expect(pairs.filter(Boolean).length / pairs.length).toBeGreaterThanOrEqual(0.95);
  });
});
