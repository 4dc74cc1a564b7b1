/** Audits logs that tests have in memory or among the samples. */
import { existsSync, readFileSync } from 'node:fs';
import { audit, type AuditOptions } from '../../generator/audit/audit.js';
import type { Audit } from '../../generator/audit/result.js';
import type { Source } from '../../generator/engine/source.js';
import { loadContent } from '../../generator/load/load-content.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lower } from '../../generator/lower/lower.js';
import { lowerSettings } from '../../generator/lower/lower-settings.js';
import type { Pack } from '../../generator/model/pack.js';
import { builtInEngine } from '../support/parse-text.js';

/** as it is written: settings are applied to it by each audit */
let pack: Pack | undefined;

export interface AuditTextOptions extends Partial<AuditOptions> {
  /** as in settings.yml */
  settings?: Record<string, unknown>;
}

/** @param chunk bytes that a source gives at once */
export function textSource(name: string, text: string | Buffer, chunk = 1 << 20): Source {
  const bytes = Buffer.from(text);
  let at = 0;
  return {
    name,
    size: bytes.length,
    async read(buffer, offset) {
      const count = bytes.copy(buffer, offset, at, Math.min(at + chunk, bytes.length));
      at += count;
      return count;
    },
    close: async () => {},
  };
}

/** @param logs by the names of their files */
export async function auditTexts(logs: Record<string, string | Buffer>, options: AuditTextOptions = {}): Promise<Audit> {
  const { settings, ...rest } = options;
  pack ??= lower(loadContent().documents).pack;
  const applied = applySettings(pack, lowerSettings(settings, pack.settings));
  const sources = Object.entries(logs).map(([name, text]) => textSource(name, text));
  return audit(builtInEngine(), applied, sources, { now: Date.parse('2026-12-01T00:00:00Z'), zone: 'UTC', ...rest });
}

/** @param scenario a folder of samples/ */
export async function auditSample(scenario: string, log = 'gateway.log', options: AuditTextOptions = {}): Promise<Audit> {
  return auditTexts({ [log]: readFileSync(`samples/${scenario}/${log}`) }, options);
}

interface Truth {
  events: { what: string; src?: string; outcome?: string; expect?: string }[];
}

export function truthOf(scenario: string): Truth | undefined {
  const file = `samples/${scenario}/truth.json`;
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Truth) : undefined;
}
