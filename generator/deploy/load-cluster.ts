/** Puts objects into a cluster in order, or takes them out; what fails is told, and what was done before it is undone. */
import { type Client, reasonOf } from './http-client.js';
import { type ClusterObject, clusterObjects, contentHash, type Flavour, withLifecycle } from './elastic-objects.js';

export interface Report {
  /** each object and what was done with it */
  done: {
    kind: string;
    name: string;
    what:
      | 'created'
      | 'updated'
      | 'unchanged'
      | 'removed'
      | 'not there'
      | 'would be created'
      | 'would be updated'
      | 'would be removed';
  }[];
  /** what this node does not have, and why */
  leftOut: string[];
}

/** Carries what was refused. */
export class LoadError extends Error {
  override name = 'LoadError';
}

/** @returns which of the two it is, and its version. @throws LoadError where it does not answer as one */
export async function detectFlavour(client: Client): Promise<{ flavour: Flavour; version: string }> {
  const answer = await client.ask('GET', '/').catch((error: Error) => {
    throw new LoadError(`The server does not answer: ${error.message}`);
  });
  if (answer.status === 401 || answer.status === 403)
    throw new LoadError(`The server refuses the credentials (${reasonOf(answer)}).`);
  const { version } = (answer.body ?? {}) as { version?: { number: string; distribution?: string } };
  if (version)
    return { flavour: version.distribution === 'opensearch' ? 'opensearch' : 'elasticsearch', version: version.number };
  const nodes = await client.ask('GET', '/_nodes/_local?filter_path=nodes.*.version');
  const [node] = Object.values((nodes.body as { nodes?: Record<string, { version: string }> })?.nodes ?? {});
  if (!node) throw new LoadError(`The server is neither Elasticsearch nor OpenSearch (${reasonOf(answer)}).`);
  return { flavour: 'elasticsearch', version: node.version };
}

interface Undo {
  object: ClusterObject;
  before: unknown;
}

/** @param say called before each object. @throws LoadError; everything is as before then, or the message says what is not */
export async function loadCluster(
  client: Client,
  files: ReadonlyMap<string, string | Buffer>,
  flavour: Flavour,
  options: { dryRun: boolean; say: (line: string) => void },
): Promise<Report> {
  const report: Report = { done: [], leftOut: [] };
  if (flavour === 'opensearch') report.leftOut.push('detection rules and Kibana dashboards: OpenSearch has neither');
  const undo: Undo[] = [];
  let objects = clusterObjects(files, flavour);
  const lifecycle = objects.filter(({ optional }) => optional);
  let refused = lifecycle.length === 0;
  for (let index = 0; index < objects.length; index++) {
    const object = objects[index]!;
    if (object.optional && refused) continue;
    options.say(`${object.kind} ${object.name}`);
    const before = await current(client, object);
    const same = before !== undefined && isSame(object, before);
    if (options.dryRun || same) {
      const would = before === undefined ? 'would be created' : 'would be updated';
      report.done.push({ kind: object.kind, name: object.name, what: same ? 'unchanged' : would });
    } else {
      const failure = await put(client, object, before);
      if (failure === undefined) {
        undo.push({ object, before });
        report.done.push({ kind: object.kind, name: object.name, what: before === undefined ? 'created' : 'updated' });
      } else if (object.optional) {
        refused = true;
        report.leftOut.push(`${object.kind} ${object.name}: this node does not take it (${failure})`);
      } else {
        const left = await undoAll(client, undo);
        throw new LoadError(`${object.kind} ${object.name} was refused: ${failure}.\n${left}`);
      }
    }
    if (object.optional && index === objects.findLastIndex((one) => one.optional))
      objects = withLifecycle(objects, !refused && flavour === 'elasticsearch');
  }
  return report;
}

/** Takes out what `loadCluster` puts in, last first. Data stays. @throws LoadError before anything is removed where data streams still need it */
export async function unloadCluster(
  client: Client,
  files: ReadonlyMap<string, string | Buffer>,
  flavour: Flavour,
  options: { dryRun: boolean; say: (line: string) => void },
): Promise<Report> {
  const streams = await client.ask('GET', '/_data_stream/logs-ikev2.*');
  const used = ((streams.body as { data_streams?: { name: string }[] })?.data_streams ?? []).map(({ name }) => name);
  if (streams.status === 200 && used.length)
    throw new LoadError(
      `Nothing was removed: the data stream${used.length === 1 ? '' : 's'} ${used.join(', ')} still write${used.length === 1 ? 's' : ''} with these pipelines and templates. Delete ${used.length === 1 ? 'it' : 'them'} first.`,
    );
  const report: Report = { done: [], leftOut: [] };
  const failures: string[] = [];
  for (const object of clusterObjects(files, flavour).reverse()) {
    options.say(`${object.kind} ${object.name}`);
    const before = await current(client, object);
    if (before === undefined) report.done.push({ kind: object.kind, name: object.name, what: 'not there' });
    else if (options.dryRun) report.done.push({ kind: object.kind, name: object.name, what: 'would be removed' });
    else {
      const answer = await client.ask('DELETE', object.path);
      if (answer.status < 300) report.done.push({ kind: object.kind, name: object.name, what: 'removed' });
      else failures.push(`${object.kind} ${object.name} was not removed: ${reasonOf(answer)}`);
    }
  }
  if (failures.length) throw new LoadError(failures.join('\n'));
  return report;
}

/** @returns what the node has under the object's name; undefined for nothing */
async function current(client: Client, { path, kind, name }: ClusterObject): Promise<unknown> {
  const answer = await client.ask('GET', path);
  if (answer.status >= 300) return undefined;
  const body = answer.body as Record<string, unknown>;
  switch (kind) {
    case 'ingest pipeline':
      return body[name];
    case 'component template':
      return (body.component_templates as { component_template: unknown }[])[0]?.component_template;
    case 'index template':
      return (body.index_templates as { index_template: unknown }[])[0]?.index_template;
    case 'lifecycle policy':
      return body[name] ?? body;
    default:
      return body[name];
  }
}

function isSame({ kind, body }: ClusterObject, before: unknown): boolean {
  if (kind === 'ingest pipeline') return contentHash(before) === contentHash(body);
  const meta = (value: unknown) => ((value as { _meta?: { content?: string } })?._meta ?? {}).content;
  if (kind === 'look-up index') {
    const mappings = (value: unknown) => (value as { mappings?: unknown })?.mappings;
    return meta(mappings(before)) === meta(mappings(body));
  }
  if (kind === 'lifecycle policy') {
    const policy = (value: unknown) => (value as { policy?: unknown })?.policy;
    return meta(policy(before)) !== undefined && meta(policy(before)) === meta(policy(body));
  }
  return meta(before) === meta(body);
}

/** @returns why it was refused; undefined where it was taken */
async function put(client: Client, object: ClusterObject, before: unknown): Promise<string | undefined> {
  if (object.kind === 'look-up index') return putIndex(client, object, before);
  const answer = await client.ask('PUT', object.path, object.body);
  return answer.status < 300 ? undefined : reasonOf(answer);
}

/** A look-up index holds nothing but what we put there: it is made anew. */
async function putIndex(client: Client, { path, body, documents }: ClusterObject, before: unknown): Promise<string | undefined> {
  if (before !== undefined) {
    const removed = await client.ask('DELETE', path);
    if (removed.status >= 300) return reasonOf(removed);
  }
  const made = await client.ask('PUT', path, body);
  if (made.status >= 300) return reasonOf(made);
  const filled = await client.ask('POST', `${path}/_bulk?refresh=true`, documents);
  const errors = (filled.body as { errors?: boolean })?.errors;
  if (filled.status < 300 && !errors) return undefined;
  await client.ask('DELETE', path);
  return filled.status < 300 ? 'some documents were not taken' : reasonOf(filled);
}

/** @returns what happened to what had been done, in a sentence */
async function undoAll(client: Client, undo: Undo[]): Promise<string> {
  const stuck: string[] = [];
  for (const { object, before } of undo.reverse()) {
    // an index that was made anew is not put back: it is made from this build alone
    const answer =
      before === undefined || object.kind === 'look-up index'
        ? await client.ask('DELETE', object.path)
        : await client.ask('PUT', object.path, restorable(before));
    if (answer.status >= 300) stuck.push(`${object.kind} ${object.name} (${reasonOf(answer)})`);
  }
  if (stuck.length) return `Not undone: ${stuck.join(', ')}.`;
  return undo.length ? `The ${undo.length} objects before it were put back as they were.` : 'Nothing was changed.';
}

/** What a node adds to a policy by itself cannot be put again. */
function restorable(before: unknown): unknown {
  const { version: _version, modified_date: _date, in_use_by: _users, ...rest } = before as Record<string, unknown>;
  return 'policy' in rest ? { policy: rest.policy } : before;
}
