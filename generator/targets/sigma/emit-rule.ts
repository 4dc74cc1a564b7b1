/** One event as a Sigma rule, in the order and after the conventions of SigmaHQ. */
import type { Level } from '../../model/level.js';
import type { EventType, Field, Pack } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import { attackTags } from './attack-tags.js';
import { escapeWildcards } from './escape-wildcards.js';
import { falsePositives } from './false-positives.js';
import { ruleId } from './rule-id.js';
import { ruleTitle } from './rule-title.js';

export interface SigmaRule {
  title: string;
  id: string;
  status: 'experimental';
  description: string;
  references?: string[];
  author: string;
  date: string;
  tags?: string[];
  logsource: { category: string; service: string; definition?: string };
  detection: { selection: Record<string, string>; condition: 'selection' };
  fields: string[];
  falsepositives: string[];
  level: Level;
}

/** Normalised events have no product: one rule reads them all. */
export const LOGSOURCE = { category: 'network', service: 'ike' } as const;

export const DEFINITION =
  'Requirements: IKE logs read by the ikeaudit add-on for Splunk, by its Elastic ingest pipelines, or by "ikeaudit parse"; convert with the pipeline ikeaudit-ecs or ikeaudit-cim.';

/** When these rules were first published. Not the build's day: the same content must give the same bytes. */
export const DATE = '2026-11-24';

/** When and between whom: what an analyst reads first, whether a line tells it or stitching does. */
const ALWAYS_SHOWN = ['timestamp', 'src_ip', 'dst_ip', 'sa_id'];

/** @param event has a level */
export function emitRule(pack: Pack, event: EventType): SigmaRule {
  return {
    title: ruleTitle(event.name),
    id: ruleId(event.name),
    status: 'experimental',
    description: event.means,
    references: orNone(references(event)),
    author: 'ikeaudit',
    date: DATE,
    tags: orNone(attackTags(pack.attack, event.attack)),
    logsource: { ...LOGSOURCE, definition: DEFINITION },
    detection: { selection: { [pack.fields.get('msg_type')!.sigma]: escapeWildcards(event.name) }, condition: 'selection' },
    fields: ruleFields(pack, event).map((field) => field.sigma),
    falsepositives: falsePositives(event),
    level: event.level!,
  };
}

/** @returns the path below dist/sigma/, named as SigmaHQ names rules of category network */
export function rulePath(event: EventType): string {
  return `rules/events/net_ike_event_${event.name}.yml`;
}

/** @returns what the event's lines tell, in the vocabulary's order, so that a new parser only adds */
export function ruleFields(pack: Pack, event: EventType): Field[] {
  const told = new Set(ALWAYS_SHOWN);
  for (const { entries } of pack.parsers) {
    for (const entry of entries) {
      if (entry.event !== event.name) continue;
      for (const field of [...templateFields(entry.template), ...Object.keys(entry.set)]) told.add(field);
    }
  }
  return [...pack.fields.values()].filter((field) => told.has(field.name));
}

/** The mapping cites standards in its own sentences ("RFC 8784"); a rule links them. */
function references(event: EventType): string[] {
  return [...event.means.matchAll(/\bRFC (\d+)/g)].map(([, number]) => `https://www.rfc-editor.org/rfc/rfc${number}`);
}

function orNone<T>(list: T[]): T[] | undefined {
  return list.length ? list : undefined;
}
