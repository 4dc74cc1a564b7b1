/** Rules and dashboards through Kibana's documented APIs: import with overwrite, so that a second run replaces what a first one made. */
import { randomUUID } from 'node:crypto';
import { type Client, reasonOf } from './http-client.js';
import { LoadError } from './load-cluster.js';

interface SavedObject {
  type: string;
  id: string;
}

/** @param rules NDJSON. @returns what was done, in lines. @throws LoadError with each rule or object that was refused */
export async function loadKibana(client: Client, rules: string, dashboards: string): Promise<string[]> {
  const imported = await client.ask(...multipart('/api/detection_engine/rules/_import?overwrite=true', 'rules.ndjson', rules));
  const {
    success,
    rules_count: count,
    errors = [],
  } = (imported.body ?? {}) as {
    success?: boolean;
    rules_count?: number;
    errors?: { rule_id?: string; error: { message: string } }[];
  };
  if (imported.status >= 300) throw new LoadError(`Kibana refused the rules: ${reasonOf(imported)}`);
  if (success === false || errors.length)
    throw new LoadError(
      errors.map(({ rule_id: id, error }) => `Rule ${id ?? '?'} was refused: ${error.message}`).join('\n') ||
        'Kibana refused the rules.',
    );
  const saved = await client.ask(...multipart('/api/saved_objects/_import?overwrite=true', 'dashboards.ndjson', dashboards));
  if (saved.status >= 300) throw new LoadError(`Kibana refused the dashboards: ${reasonOf(saved)}`);
  const result = saved.body as {
    success?: boolean;
    successCount?: number;
    errors?: { type: string; id: string; error: { type: string } }[];
  };
  if (!result.success)
    throw new LoadError(
      (result.errors ?? []).map(({ type, id, error }) => `${type} ${id} was refused: ${error.type}`).join('\n') ||
        'Kibana refused the dashboards.',
    );
  return [
    `${count ?? rules.trim().split('\n').length} rules imported, all of them disabled`,
    `${result.successCount} saved objects imported`,
  ];
}

/** @returns what was done, in lines. @throws LoadError with what was not removed */
export async function unloadKibana(client: Client, rules: string, dashboards: string): Promise<string[]> {
  const failures: string[] = [];
  let removed = 0;
  for (const { rule_id: id } of parseLines(rules) as { rule_id: string }[]) {
    const answer = await client.ask('DELETE', `/api/detection_engine/rules?rule_id=${encodeURIComponent(id)}`);
    if (answer.status < 300) removed++;
    else if (answer.status !== 404) failures.push(`Rule ${id} was not removed: ${reasonOf(answer)}`);
  }
  const objects = (parseLines(dashboards) as SavedObject[]).map(({ type, id }) => ({ type, id }));
  const answer = await client.ask('POST', '/api/saved_objects/_bulk_delete?force=true', objects);
  if (answer.status >= 300) failures.push(`Dashboards were not removed: ${reasonOf(answer)}`);
  if (failures.length) throw new LoadError(failures.join('\n'));
  return [`${removed} rules removed`, `${objects.length} saved objects removed`];
}

function multipart(path: string, name: string, content: string): [string, string, string, Record<string, string>] {
  const boundary = `ikeaudit-${randomUUID()}`;
  const body = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="file"; filename="${name}"`,
    'Content-Type: application/ndjson',
    '',
    content,
    `--${boundary}--`,
    '',
  ].join('\r\n');
  return ['POST', path, body, { 'content-type': `multipart/form-data; boundary=${boundary}` }];
}

function parseLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}
