/** Every detection does what the tests at the bottom of its file say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judgeFindings, runDetectionTest } from '../../generator/audit/run-detection-test.js';
import { compileEngine } from '../../generator/engine/compile-engine.js';
import { openSource } from '../../generator/engine/source.js';
import { loadContent } from '../../generator/load/load-content.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lower } from '../../generator/lower/lower.js';
import { lowerSettings } from '../../generator/lower/lower-settings.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';

// as they are written, whatever settings.yml says
const { pack } = lower(loadContent().documents);
const engine = compileEngine(pack);

describe.each(pack.detections.map((detection) => [detection.name, detection] as const))('%s', (_, detection) => {
  const tests = [
    ...detection.tests.fires.map((one) => ['fires', one] as const),
    ...detection.tests.quiet.map((one) => ['is quiet', one] as const),
  ];
  test.each(tests.map(([kind, one]) => [`${kind}: ${one.name}`, one] as const))('%s', async (_name, one) => {
    const settings = lowerSettings(one.settings, DEFAULT_SETTINGS);
    const applied = applySettings({ ...pack, detections: [detection] }, settings).detections[0]!;
    const path = one.recording && join('samples', one.recording, one.log ?? 'gateway.log');
    if (path) expect(existsSync(path), path).toBe(true);
    const source = path ? await openSource(path) : undefined;
    const findings = await runDetectionTest(engine, applied, one, settings, source);
    await source?.close();
    expect(judgeFindings(one, findings)).toBeUndefined();
  });
});

test('a quiet test expects nothing, and a firing one something', () => {
  for (const { name, tests } of pack.detections) {
    expect(tests.fires.filter(({ findings }) => findings.length === 0).map(() => name)).toEqual([]);
    expect(tests.quiet.filter(({ findings }) => findings.length > 0).map(() => name)).toEqual([]);
    expect(tests.fires.length && tests.quiet.length, name).toBeTruthy();
  }
});
