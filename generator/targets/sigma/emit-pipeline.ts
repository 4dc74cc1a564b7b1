/**
 * Processing pipelines of pySigma: they rename our Sigma fields to those of a schema, and narrow the search to our events. The usual
 * backends read a rule of ours with one of these, and nothing else is needed.
 */
import type { Field, Pack } from '../../model/pack.js';
import { SHIPPED } from '../../model/shipped.js';
import { LOGSOURCE } from './emit-rule.js';
import { escapeWildcards } from './escape-wildcards.js';

export interface Pipeline {
  name: string;
  title: string;
  /** the field's name in the schema */
  key: (field: Field) => string;
  /** what every event of ours says of its origin, in the schema's fields */
  source: (pack: Pack) => Record<string, string | string[]>;
  /** for backends that name the index in the query */
  index?: string;
}

/** In the order of the targets that bring events into these schemas: Splunk, Elastic. */
export const PIPELINES: Pipeline[] = [
  {
    name: 'cim',
    title: 'ikeaudit events in Splunk, with the names of its Common Information Model',
    key: (field) => field.cim,
    source: (pack) => ({
      sourcetype: [...new Set([SHIPPED, ...pack.parsers.map(({ sourcetype }) => escapeWildcards(sourcetype))])].sort(),
    }),
  },
  {
    name: 'ecs',
    title: 'ikeaudit events in Elasticsearch or OpenSearch, with the names of the Elastic Common Schema',
    key: (field) => field.ecs,
    source: () => ({ 'event.module': 'ikev2' }),
    index: 'logs-ikev2.*-*',
  },
];

/** @returns the pipeline as pySigma reads it from YAML */
export function emitPipeline(pack: Pack, pipeline: Pipeline): object {
  // Other rules in the same conversion keep their fields.
  const onlyOurs = { rule_conditions: [{ type: 'logsource', ...LOGSOURCE }] };
  return {
    name: pipeline.title,
    priority: 20,
    transformations: [
      { id: 'ikeaudit_fields', type: 'field_name_mapping', mapping: fieldMapping(pack, pipeline), ...onlyOurs },
      { id: 'ikeaudit_source', type: 'add_condition', conditions: pipeline.source(pack), ...onlyOurs },
      ...(pipeline.index === undefined
        ? []
        : [{ id: 'ikeaudit_index', type: 'set_state', key: 'index', val: pipeline.index, ...onlyOurs }]),
    ],
  };
}

function fieldMapping(pack: Pack, { key }: Pipeline): Record<string, string> {
  const renamed = [...pack.fields.values()].filter((field) => field.sigma !== key(field));
  return Object.fromEntries(renamed.map((field) => [field.sigma, key(field)]));
}
