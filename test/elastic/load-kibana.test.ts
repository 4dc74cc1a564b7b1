/** What is sent to Kibana, checked by a server that answers like its documented API. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { openClient } from '../../generator/deploy/http-client.js';
import { loadKibana, unloadKibana } from '../../generator/deploy/load-kibana.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const files = emitElastic(loadPack());
const rules = String(files.get('rules/ikeaudit.ndjson'));
const dashboards = String(files.get('dashboards/ikeaudit.ndjson'));

let seen: Seen[];
let answers: Record<string, [number, unknown]>;
let server: Server;

beforeEach(async () => {
  seen = [];
  answers = {
    'POST /api/detection_engine/rules/_import?overwrite=true': [200, { success: true, rules_count: 3, errors: [] }],
    'POST /api/saved_objects/_import?overwrite=true': [200, { success: true, successCount: 5 }],
    'POST /api/saved_objects/_bulk_delete?force=true': [200, { statuses: [] }],
  };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body });
      const [status, answer] = answers[`${method} ${url}`] ?? [
        url.startsWith('/api/detection_engine/rules?rule_id=') ? 200 : 404,
        {},
      ];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => server.close());

function client() {
  const { port } = server.address() as AddressInfo;
  return openClient({ url: `http://127.0.0.1:${port}/`, authorization: 'ApiKey abc', headers: { 'kbn-xsrf': 'ikeaudit' } });
}

describe('loadKibana', () => {
  it('imports rules and saved objects as files of a form, overwriting what is there', async () => {
    expect(await loadKibana(client(), rules, dashboards)).toEqual([
      '3 rules imported, all of them disabled',
      '5 saved objects imported',
    ]);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(Object.keys(answers).slice(0, 2));
    for (const [index, file] of [rules, dashboards].entries()) {
      const { headers, body } = seen[index]!;
      expect(headers['kbn-xsrf']).toBe('ikeaudit');
      expect(headers.authorization).toBe('ApiKey abc');
      const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type']!)![1]!;
      expect(body.startsWith(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="`)).toBe(true);
      expect(body.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true);
      expect(body).toContain(`\r\n\r\n${file}\r\n`);
    }
  });

  it('names the rule that is refused, and imports no dashboards after it', async () => {
    answers['POST /api/detection_engine/rules/_import?overwrite=true'] = [
      200,
      { success: false, errors: [{ rule_id: 'x', error: { message: 'bad query' } }] },
    ];
    await expect(loadKibana(client(), rules, dashboards)).rejects.toThrow('Rule x was refused: bad query');
    expect(seen).toHaveLength(1);
  });

  it('says what Kibana says where it refuses the request', async () => {
    answers['POST /api/detection_engine/rules/_import?overwrite=true'] = [403, { message: 'no privileges' }];
    await expect(loadKibana(client(), rules, dashboards)).rejects.toThrow('Kibana refused the rules: 403: no privileges');
  });
});

describe('unloadKibana', () => {
  it('removes each rule by its id, and the saved objects', async () => {
    const ids = rules
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { rule_id: string }).rule_id);
    const [first] = await unloadKibana(client(), rules, dashboards);
    expect(first).toBe(`${ids.length} rules removed`);
    expect(seen.slice(0, -1).map(({ method, url }) => `${method} ${url}`)).toEqual(
      ids.map((id) => `DELETE /api/detection_engine/rules?rule_id=${id}`),
    );
    const objects = JSON.parse(seen.at(-1)!.body) as { type: string; id: string }[];
    expect(objects).toHaveLength(dashboards.trim().split('\n').length);
    expect(Object.keys(objects[0]!)).toEqual(['type', 'id']);
  });
});
