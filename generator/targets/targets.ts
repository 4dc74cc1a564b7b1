/** The targets, in the order in which the documentation names them. A new target is one folder and one line here. */
import type { Detection } from '../model/detection.js';
import type { Exactness } from '../model/exactness.js';
import type { Pack } from '../model/pack.js';
import type { Files, Released } from '../release/release-files.js';

export interface Target {
  name: string;
  /** @returns the files below dist/<name>/ */
  emit: (pack: Pack) => Map<string, string | Buffer>;
  /** @returns what of the output reads this entry, and how, as lines for a terminal */
  explain: (pack: Pack, parser: string, entry: string) => string[];
  /** @returns how far the target's rule says what the detection means */
  exactness?: (detection: Detection, pack: Pack) => Exactness;
  /** @returns what a release has of the emitted files, by the released file's name */
  release: (files: Files) => Map<string, Released>;
}

/** Loads only the targets that are asked for. */
export const TARGETS: Record<string, () => Promise<Target>> = {
  splunk: async () => {
    const { buildSplunk, explainSplunk, judgeSplunk } = await import('./splunk/emit.js');
    return {
      name: 'splunk',
      emit: buildSplunk,
      explain: explainSplunk,
      exactness: judgeSplunk,
      release: (files) =>
        new Map([
          ['ikeaudit-splunk-addon.spl', files.get('TA-ikeaudit.spl')!],
          ['ikeaudit-splunk-app.spl', files.get('ikeaudit.spl')!],
        ]),
    };
  },
  elastic: async () => {
    const { elasticExactness, emitElastic, explainElastic } = await import('./elastic/emit.js');
    return {
      name: 'elastic',
      emit: emitElastic,
      explain: explainElastic,
      exactness: elasticExactness,
      release: (files) =>
        new Map<string, Released>([
          ['ikeaudit-elastic.zip', files],
          ['ikeaudit-elastic-rules.ndjson', files.get('rules/ikeaudit.ndjson')!],
        ]),
    };
  },
  sigma: async () => {
    const { emitSigma, explainSigma, sigmaExactness } = await import('./sigma/emit.js');
    return {
      name: 'sigma',
      emit: emitSigma,
      explain: explainSigma,
      exactness: sigmaExactness,
      release: (files) => new Map([['ikeaudit-sigma.zip', files]]),
    };
  },
};
