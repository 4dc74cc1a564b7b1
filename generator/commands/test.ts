/** `ikeaudit test`: samples of parsers and tests of detections, on the local engine. */
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { judgeFindings, runDetectionTest } from '../audit/run-detection-test.js';
import { checkRecords } from '../check/check-records.js';
import { checkSamples, misreadSamples } from '../check/check-samples.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import type { Engine } from '../engine/compile-engine.js';
import { openSource } from '../engine/source.js';
import { BUILT_IN_CONTENT, loadContent } from '../load/load-content.js';
import { loadEngine } from '../load-engine.js';
import { applySettings } from '../lower/apply-settings.js';
import { lower } from '../lower/lower.js';
import { lowerSettings } from '../lower/lower-settings.js';
import { DEFAULT_SETTINGS } from '../model/settings.js';
import type { Detection, DetectionTest } from '../model/detection.js';
import { type Diagnostic, didYouMean } from '../model/diagnostic.js';
import { readKept } from '../pack-cache.js';
import { UsageError } from './usage-error.js';

export async function testCommand(names: string[], options: { content?: string }): Promise<number> {
  const root = options.content ?? BUILT_IN_CONTENT;
  const engine = loadEngine(root);
  const { parsers, detections } = engine.pack;
  const known = [...parsers, ...detections].map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`Unknown parser or detection "${name}".${didYouMean(name, known)}`);
  }
  const isChosen = ({ name }: { name: string }) => names.length === 0 || names.includes(name);
  const parsersWrong = await testParsers(engine, root, parsers.filter(isChosen));
  const detectionsWrong = await testDetections(engine, root, detections.filter(isChosen));
  return parsersWrong || detectionsWrong ? 1 : 0;
}

async function testParsers(engine: Engine, root: string, parsers: Engine['pack']['parsers']): Promise<boolean> {
  const found = misreadSamples(engine).length || !readKept(root)?.checked ? await diagnose(root) : [];
  const shown = found.filter(({ place }) => parsers.some(({ file }) => file === place.file));
  if (shown.length) process.stdout.write(`${printDiagnostics(shown, root)}\n\n`);
  for (const parser of parsers) {
    const failed = shown.filter(({ place }) => place.file === parser.file).length;
    process.stdout.write(
      `${parser.name}: ${parser.entries.length + parser.records.codes.length} samples, ${failed ? `${failed} wrong` : 'all read by their own line'}\n`,
    );
  }
  return shown.length > 0;
}

async function testDetections(engine: Engine, root: string, detections: Detection[]): Promise<boolean> {
  let wrong = 0;
  for (const detection of detections) {
    const found: Diagnostic[] = [];
    const tests = [...detection.tests.fires, ...detection.tests.quiet];
    for (const test of tests) found.push(...(await testDetection(engine, root, detection, test)));
    wrong += found.length;
    if (found.length) process.stdout.write(`${printDiagnostics(found, root)}\n\n`);
    process.stdout.write(
      `${detection.name}: ${tests.length} tests, ${found.length ? `${found.length} wrong` : 'all as they say'}\n`,
    );
  }
  return wrong > 0;
}

/** @returns what is wrong */
async function testDetection(engine: Engine, root: string, detection: Detection, test: DetectionTest): Promise<Diagnostic[]> {
  // tests are of the detection as it is written, whatever the user has set
  const settings = lowerSettings(test.settings, DEFAULT_SETTINGS);
  const applied = applySettings({ ...engine.pack, detections: [detection] }, settings).detections[0]!;
  const path = test.recording && join(root, 'samples', test.recording, test.log ?? 'gateway.log');
  const { place } = test;
  if (path && !existsSync(path)) return [{ code: 'known-recording', place, message: unknownRecording(root, test) }];
  const source = path ? await openSource(path) : undefined;
  try {
    const message = judgeFindings(test, await runDetectionTest(engine, applied, test, settings, source));
    return message ? [{ code: 'test-holds', place, message }] : [];
  } finally {
    await source?.close();
  }
}

function unknownRecording(root: string, { recording = '', log = 'gateway.log' }: DetectionTest): string {
  const samples = join(root, 'samples');
  if (existsSync(join(samples, recording))) return `The recording "${recording}" has no "${log}".`;
  const known = existsSync(samples) ? readdirSync(samples, { recursive: true, encoding: 'utf8' }) : [];
  return `Unknown recording "${recording}".${didYouMean(
    recording,
    known.filter((path) => path.split(sep).length === 2).map((path) => path.replaceAll(sep, '/')),
  )}`;
}

/** The documents are read again for the places of the diagnostics. */
async function diagnose(root: string) {
  const { documents, diagnostics } = loadContent(root);
  const lowered = lower(documents);
  return [
    ...diagnostics,
    ...lowered.diagnostics,
    ...checkSamples(documents, lowered.pack),
    ...checkRecords(documents, lowered.pack),
  ];
}
