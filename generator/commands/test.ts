/** `ikeaudit test`: samples of parsers and tests of detections, on the local engine. */
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { judgeFindings, runDetectionTest } from '../audit/run-detection-test.js';
import { checkRecords } from '../check/check-records.js';
import { checkSamples } from '../check/check-samples.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compileEngine, type Engine, engineTables } from '../engine/compile-engine.js';
import { openSource } from '../engine/source.js';
import { BUILT_IN_CONTENT, type ContentFolder } from '../load/content-files.js';
import { loadContent } from '../load/load-content.js';
import { applySettings } from '../lower/apply-settings.js';
import { lower } from '../lower/lower.js';
import { lowerSettings } from '../lower/lower-settings.js';
import { DEFAULT_SETTINGS } from '../model/settings.js';
import type { Detection, DetectionTest } from '../model/detection.js';
import { type Diagnostic, didYouMean } from '../model/diagnostic.js';
import { keep, readKept } from '../pack-cache.js';
import { contentFolders } from './content-folders.js';
import { UsageError } from './usage-error.js';

export async function testCommand(names: string[], options: { content?: string; quiet?: boolean }): Promise<number> {
  const folders = contentFolders(options.content);
  const { engine, diagnostics } = readContent(folders);
  const { parsers, detections } = engine.pack;
  const known = [...parsers, ...detections].map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`Unknown parser or detection "${name}".${didYouMean(name, known)}`);
  }
  const isChosen = ({ name }: { name: string }) => names.length === 0 || names.includes(name);
  const parsersWrong = testParsers(diagnostics, folders, parsers.filter(isChosen), options.quiet === true);
  const detectionsWrong = await testDetections(engine, folders, detections.filter(isChosen), options.quiet === true);
  return parsersWrong || detectionsWrong ? 1 : 0;
}

function testParsers(found: Diagnostic[], folders: ContentFolder[], parsers: Engine['pack']['parsers'], quiet: boolean): boolean {
  const shown = found.filter(({ place }) => parsers.some(({ file }) => file === place.file));
  if (shown.length) process.stdout.write(`${printDiagnostics(shown, loadContent(folders).documents)}\n\n`);
  for (const parser of parsers) {
    const failed = shown.filter(({ place }) => place.file === parser.file).length;
    if (quiet && !failed) continue;
    process.stdout.write(
      `${parser.name}: ${parser.entries.length + parser.records.codes.length} samples, ${failed ? `${failed} wrong` : 'all read by their own line'}\n`,
    );
  }
  return shown.length > 0;
}

async function testDetections(
  engine: Engine,
  folders: ContentFolder[],
  detections: Detection[],
  quiet: boolean,
): Promise<boolean> {
  let wrong = 0;
  const samples = folders.map(({ path }) => join(path, 'samples'));
  for (const detection of detections) {
    const found: Diagnostic[] = [];
    const all = [...detection.tests.fires, ...detection.tests.quiet];
    const tests = all.filter((test) => !isLeftOut(test));
    for (const test of tests) found.push(...(await testDetection(engine, samples, detection, test)));
    wrong += found.length;
    if (found.length) process.stdout.write(`${printDiagnostics(found, loadContent(folders).documents)}\n\n`);
    if (quiet && !found.length) continue;
    process.stdout.write(
      `${detection.name}: ${tests.length} tests, ${found.length ? `${found.length} wrong` : 'all as they say'}${
        tests.length < all.length ? ` (${all.length - tests.length} more are on recordings, which only a checkout has)` : ''
      }\n`,
    );
  }
  return wrong > 0;
}

/** The package has no recordings: they are large. */
function isLeftOut({ recording, place }: DetectionTest): boolean {
  const { path } = BUILT_IN_CONTENT;
  return recording !== undefined && existsSync(join(path, place.file)) && !existsSync(join(path, 'samples'));
}

/** @returns what is wrong */
async function testDetection(
  engine: Engine,
  samples: string[],
  detection: Detection,
  test: DetectionTest,
): Promise<Diagnostic[]> {
  // tests are of the detection as it is written, whatever the user has set
  const settings = lowerSettings(test.settings, DEFAULT_SETTINGS);
  const applied = applySettings({ ...engine.pack, detections: [detection] }, settings).detections[0]!;
  const { place, recording } = test;
  const path =
    recording && samples.map((folder) => join(folder, recording, test.log ?? 'gateway.log')).findLast((file) => existsSync(file));
  if (recording && !path) return [{ code: 'known-recording', place, message: unknownRecording(samples, test) }];
  const source = path ? await openSource(path) : undefined;
  try {
    const message = judgeFindings(test, await runDetectionTest(engine, applied, test, settings, source));
    return message ? [{ code: 'test-holds', place, message }] : [];
  } finally {
    await source?.close();
  }
}

function unknownRecording(samples: string[], { recording = '', log = 'gateway.log' }: DetectionTest): string {
  const folders = samples.filter((folder) => existsSync(folder));
  if (folders.some((folder) => existsSync(join(folder, recording)))) return `The recording "${recording}" has no "${log}".`;
  const known = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
  return `Unknown recording "${recording}".${didYouMean(
    recording,
    known.filter((path) => path.split(sep).length === 2).map((path) => path.replaceAll(sep, '/')),
  )}`;
}

/** @returns the engine, and what is wrong with samples: nothing, where this very content has passed every check */
function readContent(folders: ContentFolder[]): { engine: Engine; diagnostics: Diagnostic[] } {
  const kept = readKept(folders);
  if (kept?.checked) return { engine: compileEngine(kept.pack, kept.tables), diagnostics: [] };
  const { documents, diagnostics } = loadContent(folders);
  const lowered = lower(documents);
  const engine = compileEngine(lowered.pack);
  if (!kept) keep(folders, { pack: engine.pack, tables: engineTables(engine), checked: false });
  return {
    engine,
    diagnostics: [...diagnostics, ...lowered.diagnostics, ...checkSamples(documents, engine), ...checkRecords(documents, engine)],
  };
}
