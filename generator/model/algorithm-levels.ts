/** What a profile thinks of an algorithm: the rule of mappings/profiles.yml, in one place for the engine and for every target. */
import type { Pack, Transform, TransformType } from './pack.js';

export type AlgorithmLevel = 'accepted' | 'weak' | 'forbidden' | 'unknown';

export interface Judgement {
  level: AlgorithmLevel;
  /** why, and by which text; '' where it is accepted or unknown */
  reason: string;
  reference: string;
}

interface Listed {
  algorithms: (string | number)[];
  reason: string;
  reference: string;
}

interface TypeLevels {
  accepted?: (string | number)[];
  weak?: Listed[];
  forbidden?: Listed[];
  otherwise?: { level: AlgorithmLevel; reason: string; reference: string };
}

/** The fields that hold an algorithm, and of which type it is. */
export const ALGORITHM_FIELDS: Record<string, TransformType> = {
  encryption: 'encryption',
  integrity: 'integrity',
  prf: 'prf',
  dh_group: 'key_exchange',
  auth_method: 'auth_method',
};

const UNKNOWN: Judgement = { level: 'unknown', reason: '', reference: '' };

/**
 * @param value a neutral value: `AES_CBC_256`, or the number of a key exchange group
 * @returns the level in `profile`; `unknown` for a value that no list holds, which is never a finding
 */
export function judgeAlgorithm(
  pack: Pick<Pack, 'profiles' | 'transforms'>,
  profile: string,
  field: string,
  value: string | number,
): Judgement {
  const type = ALGORITHM_FIELDS[field];
  const levels = type && (profileDocument(pack, profile)?.[type] as TypeLevels | undefined);
  if (!levels) return UNKNOWN;
  const transform = pack.transforms.find((candidate) => candidate.type === type && isValueOf(candidate, value));
  const names = [value, transform?.name, type === 'key_exchange' ? transform?.number : undefined];
  for (const name of names) {
    if (name === undefined) continue;
    if (levels.accepted?.includes(name)) return { level: 'accepted', reason: '', reference: '' };
    for (const level of ['forbidden', 'weak'] as const) {
      const listed = levels[level]?.find(({ algorithms }) => algorithms.includes(name));
      if (listed) return { level, reason: listed.reason, reference: listed.reference };
    }
  }
  if (transform && levels.otherwise && !onlyKeyLengthsListed(levels, transform, value)) return levels.otherwise;
  return UNKNOWN;
}

/** @returns a key exchange group by its name, and anything else as it is */
export function nameAlgorithm({ transforms }: Pick<Pack, 'transforms'>, field: string, value: string | number): string {
  const type = ALGORITHM_FIELDS[field];
  const group = type === 'key_exchange' ? transforms.find((one) => one.type === type && one.number === value) : undefined;
  return group?.name ?? String(value);
}

/** @returns every neutral value of the field that the profile calls weak or forbidden: what `field|weak: true` stands for */
export function weakValues(pack: Pick<Pack, 'profiles' | 'transforms'>, profile: string, field: string): (string | number)[] {
  const type = ALGORITHM_FIELDS[field];
  const values = pack.transforms
    .filter((transform) => transform.type === type)
    .flatMap((transform): (string | number)[] =>
      type === 'key_exchange' ? [transform.number] : [transform.name, ...transform.keys.map((key) => `${transform.name}_${key}`)],
    );
  return [...new Set(values)].filter((value) =>
    ['weak', 'forbidden'].includes(judgeAlgorithm(pack, profile, field, value).level),
  );
}

/** @returns how strong a value is in bits, to compare it with others; undefined where it is not known, as for a cipher without its key's length */
export function strengthOf(transforms: readonly Transform[], field: string, value: string | number): number | undefined {
  const type = ALGORITHM_FIELDS[field];
  const transform = transforms.find((candidate) => candidate.type === type && isValueOf(candidate, value));
  if (!transform) return undefined;
  return transform.bits ?? transform.keys.find((key) => `${transform.name}_${key}` === value);
}

/** @returns a number that the profile gives by name, such as `ike_lifetime_max` (seconds) */
export function profileNumber(pack: Pick<Pack, 'profiles'>, profile: string, name: string): number | undefined {
  const value = profileDocument(pack, profile)?.[name];
  return typeof value === 'number' ? value : undefined;
}

function profileDocument(pack: Pick<Pack, 'profiles'>, profile: string): Record<string, unknown> | undefined {
  return pack.profiles.find(({ name }) => name === profile)?.document as Record<string, unknown> | undefined;
}

function isValueOf(transform: Transform, value: string | number): boolean {
  if (typeof value === 'number') return transform.number === value;
  return transform.name === value || transform.keys.some((key) => `${transform.name}_${key}` === value);
}

/** A value without its key length, where only single key lengths are listed, may be any of them. */
function onlyKeyLengthsListed(levels: TypeLevels, transform: Transform, value: string | number): boolean {
  if (value !== transform.name || transform.keys.length === 0) return false;
  const listed = [
    levels.accepted ?? [],
    ...[...(levels.weak ?? []), ...(levels.forbidden ?? [])].map(({ algorithms }) => algorithms),
  ].flat();
  return transform.keys.some((key) => listed.includes(`${transform.name}_${key}`));
}
