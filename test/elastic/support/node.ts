/** A client of the nodes that vitest's `globalSetup` starts, with just the calls that the tests need. */
import { inject } from 'vitest';
import { loadPack } from '../../../generator/compile.js';
import { emitElastic } from '../../../generator/targets/elastic/emit.js';

type NodeName = 'opensearch-2.19.6' | 'elasticsearch-7.10.2' | 'elasticsearch-8.19.21';

declare module 'vitest' {
  interface ProvidedContext {
    'opensearch-2.19.6': string;
    'elasticsearch-7.10.2': string;
    'elasticsearch-8.19.21': string;
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are JSON of many shapes
export type Json = any;
export type Document = Record<string, unknown>;

export class Node {
  private readonly url: string;

  /**
   * @param node one of the shared ones, or the url of another
   * @param patience milliseconds after which a request is given up, and its search with it; undefined is for ever
   */
  constructor(
    node: NodeName | `http://${string}` = 'opensearch-2.19.6',
    private readonly patience?: number,
  ) {
    this.url = node.startsWith('http') ? node : inject(node as NodeName);
  }

  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
    const response = await fetch(this.url + path, {
      method,
      signal: this.patience === undefined ? undefined : AbortSignal.timeout(this.patience),
      headers: { 'content-type': path.includes('_bulk') ? 'application/x-ndjson' : 'application/json' },
      body:
        body === undefined || typeof body === 'string' || body instanceof Buffer
          ? (body as string | undefined)
          : JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  }

  /** @throws with the node's words where it refuses */
  async must(method: string, path: string, body?: unknown): Promise<Json> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body).slice(0, 600)}`);
    return answer.body;
  }

  /** @returns what the pipeline makes of each document; null for a dropped one */
  async simulate(pipeline: string, documents: Document[]): Promise<(Document | null)[]> {
    const results: (Document | null)[] = [];
    for (let from = 0; from < documents.length; from += 1000) {
      const docs = documents.slice(from, from + 1000).map((_source) => ({ _source }));
      const answer = await this.must('POST', `/_ingest/pipeline/${pipeline}/_simulate`, { docs });
      for (const item of answer.docs) {
        if (item?.error) throw new Error(JSON.stringify(item.error).slice(0, 600));
        results.push(item?.doc._source ?? null);
      }
    }
    return results;
  }

  /** Sends documents to a data stream as a shipper does. @returns an answer for each */
  async bulk(stream: string, documents: (Document | Buffer)[], option = 'refresh=true'): Promise<Json[]> {
    const lines = documents.flatMap((document) => [
      Buffer.from('{"create":{}}\n'),
      document instanceof Buffer ? document : Buffer.from(JSON.stringify(document)),
      Buffer.from('\n'),
    ]);
    const answer = await this.must('POST', `/${stream}/_bulk?${option}`, Buffer.concat(lines));
    return answer.items.map((item: Json) => item.create);
  }

  /** Makes data streams with our mappings, but without a default pipeline: what goes in is read already. */
  async mapStream(template: string, pattern: string): Promise<void> {
    await this.must('PUT', `/_index_template/${template}`, {
      index_patterns: [pattern],
      data_stream: {},
      composed_of: ['ikeaudit-settings', 'ikeaudit-mappings'],
      priority: 300,
    });
  }

  /** @returns how many documents of a data stream match */
  async count(stream: string, query: Json = { match_all: {} }): Promise<number> {
    return (await this.must('POST', `/${stream}/_count`, { query })).count;
  }
}

export const emitted = emitElastic(loadPack());

/** Puts what was emitted; `except` leaves out kinds that a node does not have. */
export async function install(node: Node, except: ('pipelines' | 'component' | 'index')[] = []): Promise<void> {
  const kinds = { pipelines: '_ingest/pipeline', component: '_component_template', index: '_index_template' };
  for (const [kind, api] of Object.entries(kinds)) {
    if (except.includes(kind as keyof typeof kinds)) continue;
    for (const [path, text] of emitted) {
      const [folder, file] = [
        path.split('/').at(-2),
        path
          .split('/')
          .at(-1)!
          .replace(/\.json$/, ''),
      ];
      if (folder === kind) await node.must('PUT', `/${api}/${file}`, text);
    }
  }
}
