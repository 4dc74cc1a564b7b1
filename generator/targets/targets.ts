/** The targets, in the order in which the documentation names them. A new target is one folder and one row here. */
import type { Detection } from '../model/detection.js';
import type { Exactness } from '../model/exactness.js';
import type { OutputCheck } from '../model/output-check.js';
import type { Pack } from '../model/pack.js';
import type { Files, Released } from '../release/release-files.js';

/** Each part loads the code that it needs, and no other. */
export interface Target {
  /** @returns the files below dist/<name>/ */
  emit: (pack: Pack) => Promise<Map<string, string | Buffer>>;
  /** @returns what of the output reads this entry, and how, as lines for a terminal */
  explain: (pack: Pack, parser: string, entry: string) => Promise<string[]>;
  /** @returns what judges how far the target's rule says what a detection means */
  exactness: () => Promise<(detection: Detection, pack: Pack) => Exactness>;
  /** @returns checks of what the target emits that no tool of its vendor makes */
  checks?: (pack: Pack) => Promise<OutputCheck[]>;
  /** @returns what a release has of the emitted files, by the released file's name */
  release: (files: Files) => Map<string, Released>;
}

export const TARGETS: Record<string, Target> = {
  splunk: {
    emit: async (pack) => (await import('./splunk/emit.js')).buildSplunk(pack),
    explain: async (...line) => (await import('./splunk/explain.js')).explainSplunk(...line),
    exactness: async () => (await import('./splunk/exactness.js')).judgeSplunk,
    checks: async (pack) => (await import('./splunk/check.js')).checkSplunk(pack),
    release: (files) =>
      new Map([
        ['ikeaudit-splunk-addon.spl', files.get('TA-ikeaudit.spl')!],
        ['ikeaudit-splunk-app.spl', files.get('ikeaudit.spl')!],
      ]),
  },
  elastic: {
    emit: async (pack) => (await import('./elastic/emit.js')).emitElastic(pack),
    explain: async (...line) => (await import('./elastic/explain.js')).explainElastic(...line),
    exactness: async () => (await import('./elastic/exactness.js')).elasticExactness,
    release: (files) =>
      new Map<string, Released>([
        ['ikeaudit-elastic.zip', files],
        ['ikeaudit-elastic-rules.ndjson', files.get('rules/ikeaudit.ndjson')!],
      ]),
  },
  sigma: {
    emit: async (pack) => (await import('./sigma/emit.js')).emitSigma(pack),
    explain: async (...line) => (await import('./sigma/explain.js')).explainSigma(...line),
    exactness: async () => (await import('./sigma/emit-detection.js')).sigmaExactness,
    release: (files) => new Map([['ikeaudit-sigma.zip', files]]),
  },
};
