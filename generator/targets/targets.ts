/** The targets, in the order in which the documentation names them. A new target is one folder and one line here. */
import type { Detection } from '../model/detection.js';
import type { Exactness } from '../model/exactness.js';
import type { Pack } from '../model/pack.js';

export interface Target {
  name: string;
  /** @returns the files below dist/<name>/ */
  emit: (pack: Pack) => Map<string, string | Buffer>;
  /** @returns what of the output reads this entry, and how, as lines for a terminal */
  explain: (pack: Pack, parser: string, entry: string) => string[];
  /** @returns how far the target's rule says what the detection means */
  exactness?: (detection: Detection, pack: Pack) => Exactness;
}

/** Loads only the targets that are asked for. */
export const TARGETS: Record<string, () => Promise<Target>> = {
  splunk: async () => {
    const { buildSplunk, explainSplunk, judgeSplunk } = await import('./splunk/emit.js');
    return { name: 'splunk', emit: buildSplunk, explain: explainSplunk, exactness: judgeSplunk };
  },
  elastic: async () => {
    const { elasticExactness, emitElastic, explainElastic } = await import('./elastic/emit.js');
    return { name: 'elastic', emit: emitElastic, explain: explainElastic, exactness: elasticExactness };
  },
  sigma: async () => {
    const { emitSigma, explainSigma, sigmaExactness } = await import('./sigma/emit.js');
    return { name: 'sigma', emit: emitSigma, explain: explainSigma, exactness: sigmaExactness };
  },
};
