/** A client of Elasticsearch, OpenSearch and Kibana: JSON over HTTP, with the caller's credentials and authority. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Answer {
  status: number;
  body: unknown;
}

export interface Client {
  /** @param body JSON, or text that is sent as it is. @throws where no answer comes */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface ClientOptions {
  url: string;
  /** value of the header `authorization` */
  authorization?: string;
  /** certificates in PEM that are trusted instead of the system's */
  ca?: string;
  headers?: Record<string, string>;
}

/** Milliseconds without a byte after which a server counts as silent. */
const PATIENCE = 60_000;

export function openClient({ url, authorization, ca, headers = {} }: ClientOptions): Client {
  const base = new URL(url);
  const request = base.protocol === 'https:' ? requestHttps : requestHttp;
  const always = { ...headers, ...(authorization ? { authorization } : {}) };
  return {
    ask: (method, path, body, more = {}) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
        const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
        const sent = request(
          {
            protocol: base.protocol,
            hostname: base.hostname.replace(/^\[|\]$/g, ''),
            port: base.port,
            path: base.pathname.replace(/\/$/, '') + path,
            method,
            ca,
            timeout: PATIENCE,
            headers: {
              ...always,
              ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
              ...more,
            },
          },
          (response) => {
            const pieces: Buffer[] = [];
            response.on('data', (piece: Buffer) => pieces.push(piece));
            response.on('error', reject);
            response.on('end', () => {
              const received = Buffer.concat(pieces).toString('utf8');
              resolve({ status: response.statusCode ?? 0, body: parse(received) });
            });
          },
        );
        sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
        sent.on('error', reject);
        sent.end(text);
      }),
  };
}

/** @returns what a server says is wrong, in one line */
export function reasonOf({ status, body }: Answer): string {
  const { error, message } = (body ?? {}) as { error?: unknown; message?: string };
  const found = (error ?? {}) as { reason?: string; root_cause?: { reason?: string }[]; caused_by?: { reason?: string } };
  const reason =
    found.caused_by?.reason ??
    found.root_cause?.[0]?.reason ??
    found.reason ??
    message ??
    (typeof error === 'string' ? error : '');
  return `${status}${reason ? `: ${reason}` : ''}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
