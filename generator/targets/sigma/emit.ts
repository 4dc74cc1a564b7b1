/**
 * The Sigma target: a rule for every event that deserves an alert on its own, a file of rules for every detection, and pipelines that give our fields a
 * backend's names.
 */
import { stringify } from 'yaml';
import { detectionPath, emitDetection } from './emit-detection.js';

export { sigmaExactness } from './emit-detection.js';
import type { Entry, EventType, Pack } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import { emitPipeline, PIPELINES } from './emit-pipeline.js';
import { emitRule, ruleFields, rulePath } from './emit-rule.js';

/** @returns the files below dist/sigma/ */
export function emitSigma(pack: Pack): Map<string, string> {
  const files = new Map<string, string>();
  for (const event of ruledEvents(pack)) files.set(rulePath(event), print(emitRule(pack, event)));
  for (const detection of pack.detections) {
    files.set(detectionPath(detection), emitDetection(pack, detection).map(print).join('---\n'));
  }
  for (const pipeline of PIPELINES) files.set(`pipelines/ikeaudit-${pipeline.name}.yml`, print(emitPipeline(pack, pipeline)));
  return files;
}

/** @returns which rule selects what this entry reads, and which of its captures that rule shows */
export function explainSigma(pack: Pack, parserName: string, entryId: string): string[] {
  const entry = entryOf(pack, parserName, entryId);
  const event = entry.event === undefined ? undefined : pack.events.get(entry.event);
  if (!event) return ['no rule: the line is declared noise'];
  if (event.level === undefined) return [`no rule: "${event.name}" has no level, it is not worth an alert on its own`];
  const captured = new Set([...templateFields(entry.template), ...Object.keys(entry.set)]);
  const shown = ruleFields(pack, event).filter((field) => captured.has(field.name));
  return [
    `rule      ${rulePath(event)}, level ${event.level}`,
    `selection ${pack.fields.get('msg_type')!.sigma}: ${event.name}`,
    ...(shown.length ? [`fields    ${shown.map((field) => field.sigma).join(', ')}`] : []),
  ];
}

/** A level in mappings/events.yml says that an event can be reported without counting. */
function ruledEvents(pack: Pack): EventType[] {
  return [...pack.events.values()].filter((event) => event.level !== undefined);
}

function entryOf(pack: Pack, parserName: string, entryId: string): Entry {
  const entry = pack.parsers.find(({ name }) => name === parserName)?.entries.find(({ id }) => id === entryId);
  if (!entry) throw new Error(`Unexpected entry "${entryId}" of parser "${parserName}"`);
  return entry;
}

/** As SigmaHQ lays its rules out: four blanks. No folded lines, so that a changed word is a changed line; no anchors, for people. */
function print(document: object): string {
  return stringify(document, { indent: 4, lineWidth: 0, aliasDuplicateObjects: false });
}
