/**
 * splunkd's REST as far as Splunk's SDK uses it for searches: log in, create a job, ask whether it is done, fetch its results. The emulator answers; a search that
 * it does not understand is refused, as splunkd refuses one that does not parse. On loopback, over plain HTTP.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Splunk } from '../emulator/splunk.js';
import { type Row, toText } from '../emulator/value.js';

type Results = Record<string, string | string[]>[];

export class Splunkd {
  /** searches that were refused, and why */
  readonly refused: string[] = [];
  searches = 0;
  private readonly jobs = new Map<string, Results>();
  private readonly server: Server;

  private constructor(private readonly splunk: Splunk) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => {
        this.refused.push(`${request.method} ${request.url}: ${error.message}`);
        response.writeHead(500).end(error.message);
      });
    });
  }

  static async start(splunk: Splunk): Promise<Splunkd> {
    const splunkd = new Splunkd(splunk);
    await new Promise<void>((resolve) => splunkd.server.listen(0, '127.0.0.1', resolve));
    return splunkd;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://127.0.0.1');
    const path = pathname.replace(/^\/services(NS\/[^/]+\/[^/]+)?\//, '').replace(/\/$/, '');
    const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : searchParams;
    const xml = (status: number, text: string) => response.writeHead(status, { 'Content-Type': 'text/xml' }).end(text);
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    const [, sid, what] = /^search\/(?:v2\/)?jobs\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const results = sid === undefined ? undefined : this.jobs.get(sid);

    if (path === 'auth/login') xml(200, '<response><sessionKey>loopback</sessionKey></response>');
    else if (path === 'server/info') xml(200, feed({ version: '10.0.0', instance_type: 'mock' }));
    else if (path === 'server/settings')
      xml(200, feed({ enableSplunkWebSSL: '0', host: 'mock', httpport: '8000', pass4SymmKey: '' }));
    else if (path === 'collector/health/1.0' || path === 'collector/raw') json(200, { text: 'HEC is healthy', code: 17 });
    else if (/^search\/(v2\/)?jobs$/.test(path) && request.method === 'POST') this.create(form.get('search')!, json);
    else if (results && what === undefined) xml(200, entry(jobState(sid!, results)));
    else if (results && what === 'results') json(200, { preview: false, messages: [], results: page(results, form) });
    else throw new Error('not emulated');
  }

  private create(search: string, json: (status: number, value: unknown) => void): void {
    this.searches++;
    try {
      const rows = this.splunk.search(search, { freeText: true });
      const sid = `1764000000.${this.searches}`;
      this.jobs.set(sid, rows.map(printed));
      json(201, { sid });
    } catch (error) {
      this.refused.push(`${search}: ${(error as Error).message}`);
      json(400, { messages: [{ type: 'FATAL', text: (error as Error).message }] });
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** Results have texts and lists of texts; whatever is empty is not there. */
function printed(row: Row): Results[number] {
  const known = Object.entries(row).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, Array.isArray(value) ? value : toText(value)!]));
}

/** "count: the maximum number of results to return … default 100 … 0 all" */
function page(results: Results, form: URLSearchParams): Results {
  const offset = Number(form.get('offset') ?? 0);
  const count = Number(form.get('count') ?? 100);
  return results.slice(offset, count === 0 ? undefined : offset + count);
}

function jobState(sid: string, results: Results): Record<string, string> {
  const numbers = { resultCount: results.length, eventCount: results.length, scanCount: results.length };
  return { sid, dispatchState: 'DONE', isDone: '1', isFailed: '0', ...mapValues(numbers, String) };
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

const NAMESPACES = 'xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest"';

const ACCESS =
  '<s:key name="eai:acl"><s:dict><s:key name="owner">nobody</s:key><s:key name="app">search</s:key><s:key name="sharing">app</s:key></s:dict></s:key>';

function feed(content: Record<string, string>): string {
  return `<feed ${NAMESPACES}><title>mock</title>${entry(content, '')}</feed>`;
}

function entry(content: Record<string, string>, namespaces = NAMESPACES): string {
  const keys = Object.entries(content).map(([name, value]) => `<s:key name="${name}">${value}</s:key>`);
  const dict = `<s:dict>${keys.join('')}<s:key name="messages"><s:dict/></s:key>${ACCESS}</s:dict>`;
  return `<entry ${namespaces}><title>mock</title><content type="text/xml">${dict}</content></entry>`;
}
