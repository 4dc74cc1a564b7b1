/** What a user decides in one place, for `audit` and `build` alike. */
export interface Exclusion {
  /** why these are left out: scanners, NAT pools, test peers */
  because: string;
  /** addresses or networks */
  peers: string[];
  identities: string[];
  connections: string[];
  /** names of detections, or folders with `/*`; empty is all */
  detections: string[];
}

export interface Settings {
  profile: string;
  /** seconds that a record may be older than the newest before it, and still be counted in its place */
  lateBy: number;
  exclude: Exclusion[];
  /** numbers of a detection's form, by detection and by YAML name; durations as they are written */
  thresholds: Record<string, Record<string, number | string>>;
  /** names of detections that are not built and not run */
  disabled: string[];
  /** CSV files: asset context, and changes that were announced */
  assets: string;
  changes: string;
  retention: { hotDays: number; warmDays: number; years: number };
}

/** Retention's default is the longest that the usual regulations ask for the audit trail of remote access: PCI DSS 4.0 10.5.1 asks for twelve months, three of them at hand. */
export const DEFAULT_SETTINGS: Settings = {
  profile: 'modern',
  lateBy: 60,
  exclude: [],
  thresholds: {},
  disabled: [],
  assets: '',
  changes: '',
  retention: { hotDays: 90, warmDays: 275, years: 1 },
};
