/** MITRE ATT&CK as the targets name it. */
export interface Attack {
  tactics: Record<string, { id: string; name: string }>;
  techniques: Record<string, Technique>;
}

export interface Technique {
  name: string;
  /** the tactic that fits an IKE log best, of version 18; a sub-technique has its technique's */
  tactic?: string;
  /** all tactics, of version 19 */
  tactics?: string[];
  /** its number in version 19, where that is another one */
  renumbered?: string;
}

/** @returns the technique of a sub-technique, or of itself */
export function techniqueOf(id: string): string {
  return id.split('.')[0]!;
}
