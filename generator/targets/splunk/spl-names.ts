/** Names of macros, look-ups and saved searches, made from those of detections. */
import type { Detection } from '../../model/detection.js';

/** `authentication/auth-failures-from-one-peer` → `auth_failures_from_one_peer` */
export function shortName({ name }: Pick<Detection, 'name'>): string {
  return name.split('/').at(-1)!.replaceAll('-', '_');
}

/** @returns the macro that holds a threshold, as it is written in a search. @param number its YAML name */
export function thresholdMacro(detection: Pick<Detection, 'name'>, number: string): string {
  return `\`${thresholdName(detection, number)}\``;
}

export function thresholdName(detection: Pick<Detection, 'name'>, number: string): string {
  return `ikeaudit_${shortName(detection)}_${number.replaceAll('.', '_')}`;
}

export function filterName(detection: Pick<Detection, 'name'>): string {
  return `ikeaudit_${shortName(detection)}_filter`;
}

export function baselineName(detection: Pick<Detection, 'name'>): string {
  return `ikeaudit_${shortName(detection)}_baseline`;
}

/** As Enterprise Security wants it: the stanza is the rule's label. contentctl allows 99 characters. */
export function savedSearchName({ title }: Pick<Detection, 'title'>): string {
  return `IKE - ${title} - Rule`;
}

export function baselineSearchName({ title }: Pick<Detection, 'title'>): string {
  return `IKE - ${title} - Baseline`;
}
