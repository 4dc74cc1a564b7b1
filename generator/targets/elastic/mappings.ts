/** Index mappings of all fields: those of mappings/fields.yml, and what the pipeline, the data stream and common shippers write beside them. */
import { outputFormat } from '../../engine/formats.js';
import type { FieldType, Pack } from '../../model/pack.js';
import { nest, type Nested } from './nest.js';

/** ECS's own limit for keywords. */
const KEYWORD = { type: 'keyword', ignore_above: 1024 };

/** Only types that Elasticsearch 8 and OpenSearch 2 both have. */
const TYPES: Record<FieldType, Nested> = {
  ip: { type: 'ip' },
  port: { type: 'long' },
  int: { type: 'long' },
  long: { type: 'long' },
  float: { type: 'float' },
  bool: { type: 'boolean' },
  keyword: KEYWORD,
  text: { type: 'text' },
  date: { type: 'date' },
};

const BESIDE: Record<string, Nested> = {
  // a data stream refuses `ignore_malformed` for its time
  '@timestamp': { type: 'date', ignore_malformed: false },
  'ikev2.repeat': { type: 'long' },
  'ikev2.stitched_by': KEYWORD,
  'event.kind': KEYWORD,
  'event.category': KEYWORD,
  'event.type': KEYWORD,
  'event.module': KEYWORD,
  'event.dataset': KEYWORD,
  'event.timezone': KEYWORD,
  'event.ingested': { type: 'date' },
  // kept to be shown and read again, not to be searched
  'event.original': { type: 'keyword', index: false, doc_values: false },
  'error.message': { type: 'text' },
  'data_stream.type': KEYWORD,
  'data_stream.dataset': KEYWORD,
  'data_stream.namespace': KEYWORD,
  'agent.id': KEYWORD,
  'agent.name': KEYWORD,
  'agent.type': KEYWORD,
  'agent.version': KEYWORD,
  'ecs.version': KEYWORD,
  'host.name': KEYWORD,
  'input.type': KEYWORD,
  'log.file.path': KEYWORD,
  'log.offset': { type: 'long' },
  'log.syslog.appname': KEYWORD,
  tags: KEYWORD,
};

/** @returns the `properties` of the mapping */
export function mappingProperties(pack: Pack): Nested {
  const types = Object.entries(mappedTypes(pack)).map(([name, type]) => [name, { '': type }]);
  return toProperties(nest(Object.fromEntries(types)));
}

/** @returns the outermost names that are objects: what a document has there must be one, or the index refuses it */
export function objectNames(pack: Pack): string[] {
  const outermost = Object.keys(mappedTypes(pack)).flatMap((name) => (name.includes('.') ? [name.split('.')[0]!] : []));
  return [...new Set(outermost)];
}

/** @returns the type of every mapped field, by dotted name */
export function mappedTypes(pack: Pack): Record<string, Nested> {
  const format = outputFormat(pack, 'ecs');
  const fields = [...pack.fields.values()].map((field): [string, Nested] => [format.key(field.name), TYPES[field.type]]);
  const all = Object.entries({ ...Object.fromEntries(fields), ...BESIDE });
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Turns nested names into nested `properties`; the type of a field stands under the empty name. */
function toProperties(names: Nested): Nested {
  return Object.fromEntries(
    Object.entries(names).map(([name, inner]) => {
      const { '': type, ...below } = inner as Nested;
      const deeper = Object.keys(below).length ? { properties: toProperties(below) } : {};
      return [name, { ...(type as Nested | undefined), ...deeper }];
    }),
  );
}
