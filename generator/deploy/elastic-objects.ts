/** What is put into a cluster, in the order in which each finds what it names: pipelines, policies, templates, look-ups. Built from the emitted files alone. */
import { createHash } from 'node:crypto';

export type Flavour = 'elasticsearch' | 'opensearch';

export interface ClusterObject {
  kind: string;
  name: string;
  path: string;
  body: Record<string, unknown>;
  /** of an index: its documents, as a bulk request */
  documents?: string;
  /** may be refused by a node that does not have the feature: then it is left out, and named */
  optional?: boolean;
}

const METHODS: { folder: RegExp; kind: string; api: string; only?: Flavour; optional?: boolean }[] = [
  { folder: /^pipelines\/(.+)\.json$/, kind: 'ingest pipeline', api: '/_ingest/pipeline/' },
  {
    folder: /^lifecycle\/ilm\/(.+)\.json$/,
    kind: 'lifecycle policy',
    api: '/_ilm/policy/',
    only: 'elasticsearch',
    optional: true,
  },
  {
    folder: /^lifecycle\/ism\/(.+)\.json$/,
    kind: 'lifecycle policy',
    api: '/_plugins/_ism/policies/',
    only: 'opensearch',
    optional: true,
  },
  {
    folder: /^lifecycle\/template\/(.+)\.json$/,
    kind: 'component template',
    api: '/_component_template/',
    only: 'elasticsearch',
    optional: true,
  },
  { folder: /^templates\/component\/(.+)\.json$/, kind: 'component template', api: '/_component_template/' },
  { folder: /^templates\/index\/(.+)\.json$/, kind: 'index template', api: '/_index_template/' },
  { folder: /^lookup\/(.+)\.json$/, kind: 'look-up index', api: '/' },
];

/** Component templates that only Elasticsearch takes: index templates name them there alone. */
export const LIFECYCLE_TEMPLATE = 'ikeaudit-lifecycle';

/** @returns the objects in order */
export function clusterObjects(files: ReadonlyMap<string, string | Buffer>, flavour: Flavour): ClusterObject[] {
  return METHODS.filter(({ only }) => only === undefined || only === flavour).flatMap(({ folder, kind, api, optional }) =>
    [...files].flatMap(([file, text]): ClusterObject[] => {
      const name = folder.exec(file)?.[1];
      if (name === undefined) return [];
      const body = JSON.parse(String(text)) as Record<string, unknown>;
      const documents = kind === 'look-up index' ? String(files.get(`lookup/${name}.ndjson`) ?? '') : undefined;
      return [
        {
          kind,
          name,
          path: api + name,
          body: kind === 'look-up index' ? lookUpBody(body, flavour) : withHash(body),
          documents,
          optional,
        },
      ];
    }),
  );
}

/** @returns the objects with the lifecycle in every index template, or without it where the node does not take one */
export function withLifecycle(objects: ClusterObject[], taken: boolean): ClusterObject[] {
  return objects.map((object) => {
    if (!taken || object.kind !== 'index template') return object;
    const { _meta, ...rest } = object.body;
    const composed = [...(rest.composed_of as string[]), LIFECYCLE_TEMPLATE];
    return { ...object, body: withHash({ ...rest, composed_of: composed, _meta }) };
  });
}

/** @returns the hash that an object carries, or that its content has */
export function contentHash(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex')
    .slice(0, 16);
}

/** Templates come back rewritten: what they were made from is told by a hash in their `_meta`. Pipelines come back as they are. */
function withHash(body: Record<string, unknown>): Record<string, unknown> {
  const meta = body._meta as Record<string, unknown> | undefined;
  if (!meta) return body;
  const { content: _content, ...rest } = meta;
  return { ...body, _meta: { ...rest, content: contentHash({ ...body, _meta: rest }) } };
}

/** OpenSearch has no index mode for look-ups. */
function lookUpBody(body: Record<string, unknown>, flavour: Flavour): Record<string, unknown> {
  if (flavour === 'elasticsearch') return body;
  const { settings: _settings, ...rest } = body;
  return rest;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
