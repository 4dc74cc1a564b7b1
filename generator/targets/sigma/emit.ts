/**
 * The Sigma target: a rule for every event that deserves an alert on its own, a file of rules for every detection, and pipelines that give our fields a
 * backend's names.
 */
import { stringify } from 'yaml';
import { detectionPath, emitDetection } from './emit-detection.js';
import type { EventType, Pack } from '../../model/pack.js';
import { emitPipeline, PIPELINES } from './emit-pipeline.js';
import { emitReadme } from './emit-readme.js';
import { emitRule, rulePath } from './emit-rule.js';

/** @returns the files below dist/sigma/ */
export function emitSigma(pack: Pack): Map<string, string> {
  const files = new Map<string, string>();
  for (const event of ruledEvents(pack)) files.set(rulePath(event), print(emitRule(pack, event)));
  for (const detection of pack.detections) {
    files.set(detectionPath(detection), emitDetection(pack, detection).map(print).join('---\n'));
  }
  for (const pipeline of PIPELINES) files.set(`pipelines/ikeaudit-${pipeline.name}.yml`, print(emitPipeline(pack, pipeline)));
  return files.set('README.md', emitReadme(pack));
}

/** A level in mappings/events.yml says that an event can be reported without counting. */
function ruledEvents(pack: Pack): EventType[] {
  return [...pack.events.values()].filter((event) => event.level !== undefined);
}

/** As SigmaHQ lays its rules out: four blanks. No folded lines, so that a changed word is a changed line; no anchors, for people. */
function print(document: object): string {
  return stringify(document, { indent: 4, lineWidth: 0, aliasDuplicateObjects: false });
}
