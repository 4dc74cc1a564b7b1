/** `ikeaudit audit`: what happened in a log, how sure that is, and what to do about it. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { audit } from '../audit/audit.js';
import { type AuditContext, NO_CONTEXT, readAssets, readChanges, TableError } from '../audit/context.js';
import type { Audit } from '../audit/result.js';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { type Baseline, BaselineError, readBaseline } from '../detect/baseline.js';
import type { Engine } from '../engine/compile-engine.js';
import { applySettings } from '../lower/apply-settings.js';
import { lowerSettings } from '../lower/lower-settings.js';
import { didYouMean } from '../model/diagnostic.js';
import { type Level, LEVELS } from '../model/level.js';
import type { Pack } from '../model/pack.js';
import type { Settings } from '../model/settings.js';
import { reportHtml } from '../report/report-html.js';
import { reportJson } from '../report/report-json.js';
import { reportText } from '../report/report-text.js';
import { keepHeapSmall } from './keep-heap-small.js';
import { forcedParser, nowOf, zoneOf } from './parse.js';
import { readPageParts } from './page-parts.js';
import { withSources } from './with-sources.js';
import { UsageError } from './usage-error.js';
import { BrokenPipe, writeOut } from './write-out.js';
import { engineOf } from './engine-of.js';

export interface ReadOptions {
  content?: string;
  profile?: string;
  baseline?: string;
  settings?: string;
  now?: string;
  zone: string;
  parser?: string;
  since?: string;
  until?: string;
  quiet?: boolean;
}

export interface AuditCommandOptions extends ReadOptions {
  format: 'text' | 'json' | 'html';
  failOn?: Level;
}

/** @returns the exit code: 0, 1 where a finding is at or above `failOn`, 2 where an input could not be read (to its end) */
export async function auditCommand(files: string[], options: AuditCommandOptions): Promise<number> {
  const { result, unreadable } = await auditFiles(files, options);
  try {
    await writeOut(Buffer.from(print(result, options)));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
  if (unreadable) return 2;
  const { failOn } = options;
  return failOn !== undefined &&
    result.findings.some(({ detection }) => LEVELS.indexOf(detection.level) >= LEVELS.indexOf(failOn))
    ? 1
    : 0;
}

function print(result: Audit, { format }: AuditCommandOptions): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(reportJson(result), null, 2)}\n`;
    case 'html':
      return reportHtml(result, readPageParts());
    case 'text':
      return reportText(result, { width: process.stdout.columns ?? 120, colours: wantsColours() });
  }
}

/** Audits files as the options say; what cannot be read is told on standard error, and the rest is audited. */
export async function auditFiles(
  files: string[],
  options: ReadOptions,
  mostEvidence?: number,
): Promise<{ result: Audit; unreadable: boolean }> {
  const engine = await engineOf(options.content);
  keepHeapSmall();
  const { settings, folder } = await settingsOf(engine, options);
  const pack: Pack = applySettings(engine.pack, settings);
  const context = contextOf(settings, folder);
  const baseline = options.baseline === undefined ? undefined : baselineOf(options.baseline);
  return withSources(files, options.quiet === true, ({ sources, progress, tell }) =>
    audit(engine, pack, sources, {
      now: nowOf(options.now),
      zone: zoneOf(options.zone),
      forced: forcedParser(engine, options.parser),
      context,
      baseline,
      since: options.since === undefined ? undefined : nowOf(options.since),
      until: options.until === undefined ? undefined : nowOf(options.until),
      mostEvidence,
      progress,
      onBroken: (_, failure) => tell(failure),
    }),
  );
}

/** The content's settings, with a file of the user's over them, and what the command line says over both. */
async function settingsOf(engine: Engine, options: ReadOptions): Promise<{ settings: Settings; folder: string }> {
  const { pack } = engine;
  let { settings } = pack;
  if (options.settings !== undefined) {
    const [{ loadSettings }, { checkSchema }] = await Promise.all([
      import('../load/load-content.js'),
      import('../check/check-schema.js'),
    ]);
    let loaded: ReturnType<typeof loadSettings>;
    try {
      loaded = loadSettings(options.settings);
    } catch (error) {
      throw new UsageError(`${options.settings}: ${(error as Error).message}`);
    }
    const { document } = loaded;
    const diagnostics = loaded.diagnostics.length
      ? loaded.diagnostics
      : await checkSchema([document], new URL('../../generator/schemas/', import.meta.url));
    if (diagnostics.length) throw new UsageError(`\n${printDiagnostics(diagnostics, [document])}`);
    settings = lowerSettings(document.data, settings);
  }
  if (options.profile !== undefined) settings = { ...settings, profile: options.profile };
  const profiles = pack.profiles.map(({ name }) => name);
  if (!profiles.includes(settings.profile))
    throw new UsageError(
      `Unknown profile "${settings.profile}".${didYouMean(settings.profile, profiles)} There are: ${profiles.join(', ')}.`,
    );
  const detections = pack.detections.map(({ name }) => name);
  for (const name of [...Object.keys(settings.thresholds), ...settings.disabled])
    if (!detections.includes(name))
      throw new UsageError(`Unknown detection "${name}" in the settings.${didYouMean(name, detections)}`);
  return { settings, folder: options.settings === undefined ? (options.content ?? '.') : dirname(options.settings) };
}

function baselineOf(file: string): Baseline {
  try {
    return readBaseline(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof BaselineError || (error as NodeJS.ErrnoException).code !== undefined)
      throw new UsageError(`${file}: ${(error as Error).message}`);
    throw error;
  }
}

/** Tables are named from the folder of the settings. */
function contextOf({ assets, changes }: Settings, folder: string): AuditContext {
  const read = <T>(file: string, parse: (text: string) => T[]): T[] => {
    if (file === '') return [];
    try {
      return parse(readFileSync(resolve(folder, file), 'utf8'));
    } catch (error) {
      if (error instanceof TableError || (error as NodeJS.ErrnoException).code !== undefined)
        throw new UsageError(`${file}: ${(error as Error).message}`);
      throw error;
    }
  };
  return {
    ...NO_CONTEXT,
    assetsFile: assets,
    changesFile: changes,
    assets: read(assets, readAssets),
    changes: read(changes, readChanges),
  };
}

/** Colours on a terminal, unless the user wants none (no-color.org). */
function wantsColours(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR && FORCE_COLOR !== '0') return true;
  return process.stdout.isTTY === true && TERM !== 'dumb';
}
