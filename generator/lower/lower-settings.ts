/** Lowers settings.yml; what is not there is as in DEFAULT_SETTINGS. */
import { DEFAULT_SETTINGS, type Exclusion, type Settings } from '../model/settings.js';
import { readDuration } from './lower-detection.js';

type Raw = Record<string, unknown>;

export function lowerSettings(data: unknown, under: Settings = DEFAULT_SETTINGS): Settings {
  const raw = (data ?? {}) as Raw;
  const retention = (raw.retention ?? {}) as Raw;
  return {
    profile: (raw.profile as string) ?? under.profile,
    lateBy: raw.late_by === undefined ? under.lateBy : readDuration(raw.late_by),
    exclude: [...under.exclude, ...((raw.exclude as Raw[]) ?? []).map(lowerExclusion)],
    thresholds: { ...under.thresholds, ...((raw.thresholds as Settings['thresholds']) ?? {}) },
    disabled: [...under.disabled, ...((raw.disabled as string[]) ?? [])],
    assets: (raw.assets as string) ?? under.assets,
    changes: (raw.changes as string) ?? under.changes,
    retention: {
      hotDays: (retention.hot_days as number) ?? under.retention.hotDays,
      warmDays: (retention.warm_days as number) ?? under.retention.warmDays,
      years: (retention.years as number) ?? under.retention.years,
    },
  };
}

function lowerExclusion(raw: Raw): Exclusion {
  const list = (key: string) => ((raw[key] as unknown[]) ?? []).map(String);
  return {
    because: String(raw.because ?? ''),
    peers: list('peers'),
    identities: list('identities'),
    connections: list('connections'),
    detections: list('detections'),
  };
}
