/** The usual tools accept what we emit: sigma-cli checks the rules, and its backends turn them into queries on our names. */
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import type { Field } from '../../generator/model/pack.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { runSigma, writeFiles } from './run-sigma.js';

const MINUTE = 60_000;

/** Validators that download lists of ATT&CK, D3FEND and SigmaHQ when they run. schema.test.ts checks tags and names instead. */
const DOWNLOADING = [
  'attacktag',
  'd3_fendtag',
  'sigmahq_fieldname_cast',
  'sigmahq_filename_prefix',
  'sigmahq_invalid_fieldname',
  'sigmahq_logsource_unknown',
  'sigmahq_redundant_field',
  'sigmahq_tags_techniques_without_tactics',
];

/**
 * SigmaHQ's own repository has given up `fields`; the standard has not, and backends make an analyst's table of it. The version of IKE is a text, because a peer
 * may ask for any.
 */
const NOT_OURS = ['sigmahq_fields_existence', 'number_as_string'];

const pack = loadPack();
const emitted = emitSigma(pack);
const ruled = [...pack.events.values()].filter(({ level }) => level !== undefined).map(({ name }) => name);
const foreign = 'rules-foreign/proc_foreign.yml';
const probe = 'rules-probe/net_ike_probe.yml';
const folder = writeFiles(
  new Map([
    ...emitted,
    [foreign, rule('process_creation', ['msg_type', 'src_ip'])],
    [
      probe,
      rule(
        'network\n  service: ike',
        [...pack.fields.values()].map(({ sigma }) => sigma),
      ),
    ],
  ]),
);
afterAll(() => rmSync(folder, { recursive: true }));

describe('sigma check', () => {
  it('finds no error and no issue', { timeout: MINUTE }, async () => {
    const excluded = [...DOWNLOADING, ...NOT_OURS].flatMap((name) => ['--exclude', name]);
    const report = await runSigma(folder, ['check', '--fail-on-error', '--fail-on-issues', ...excluded, 'rules']);
    expect(report).not.toContain('Invalid validators name');
    expect(report).toContain('Found 0 errors, 0 condition errors and 0 issues.');
  });

  it('does find an issue where there is one', { timeout: MINUTE }, async () => {
    await expect(
      runSigma(folder, ['check', '--fail-on-issues', ...DOWNLOADING.flatMap((name) => ['--exclude', name]), 'rules']),
    ).rejects.toThrow('SigmahqFieldsExistenceIssue');
  });
});

interface Backend {
  target: string;
  pipeline: 'cim' | 'ecs';
  key: (field: Field) => string;
  /** the query's words for a field that has a value */
  term: (key: string, value: string) => string;
  /** the query's words for where our events are */
  source: RegExp;
}

const sourcetypes = pack.parsers.map(({ sourcetype }) => `"${sourcetype}"`).join('|');
const backends: Backend[] = [
  {
    target: 'splunk',
    pipeline: 'cim',
    key: ({ cim }) => cim,
    term: (key, value) => `${key}="${value}"`,
    source: new RegExp(`sourcetype(=| IN )\\(?(${sourcetypes})`),
  },
  {
    target: 'lucene',
    pipeline: 'ecs',
    key: ({ ecs }) => ecs,
    term: (key, value) => `${key}:${value}`,
    source: /^event\.module:ikev2 AND /,
  },
  {
    target: 'esql',
    pipeline: 'ecs',
    key: ({ ecs }) => ecs,
    term: (key, value) => `${key}=="${value}"`,
    source: /^from logs-ikev2\.\*-\* .* where event\.module=="ikev2" and /,
  },
  {
    target: 'eql',
    pipeline: 'ecs',
    key: ({ ecs }) => ecs,
    term: (key, value) => `${key}:"${value}"`,
    source: /^any where event\.module:"ikev2" and /,
  },
  {
    target: 'opensearch_lucene',
    pipeline: 'ecs',
    key: ({ ecs }) => ecs,
    term: (key, value) => `${key}:${value}`,
    source: /^event\.module:ikev2 AND /,
  },
];

describe.each(backends)('sigma convert to $target with ikeaudit-$pipeline', ({ target, pipeline, key, term, source }) => {
  const convert = async (path: string) => {
    const queries = await runSigma(folder, [
      'convert',
      '--target',
      target,
      '--pipeline',
      `pipelines/ikeaudit-${pipeline}.yml`,
      path,
    ]);
    return queries.split('\n').filter((line) => line !== '');
  };
  const msgType = key(pack.fields.get('msg_type')!);

  it('makes one query of every rule, on our events and names', { timeout: MINUTE }, async () => {
    const queries = await convert('rules/events');
    expect(queries).toHaveLength(ruled.length);
    for (const query of queries) {
      expect(query).toMatch(source);
      expect(query).not.toContain('msg_type');
    }
    for (const name of ruled) {
      const selected = queries.filter((query) => words(query).includes(term(msgType, name)));
      expect(selected, name).toHaveLength(1);
    }
  });

  it('gives every field of ours its name', { timeout: MINUTE }, async () => {
    const [query] = await convert(probe);
    const missing = [...pack.fields.values()].filter((field) => !words(query!).includes(term(key(field), 'x')));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('leaves rules of other log sources alone', { timeout: MINUTE }, async () => {
    const [query] = await convert(foreign);
    expect(query).toContain(term('msg_type', 'x'));
    expect(query).toContain(term('src_ip', 'x'));
    expect(query).not.toMatch(source);
  });
});

/** Terms, apart: `auth_failed` must not be found in `auth_failed_by_peer`, nor `src` in `src_ip`. ES|QL writes `@timestamp` in back quotes. */
function words(query: string): string[] {
  return query.replaceAll('`', '').split(/[\s()]+/);
}

/** A rule that selects the value "x" in each of these fields. */
function rule(category: string, fields: string[]): string {
  const selection = fields.map((field) => `    ${field}: x`).join('\n');
  return `title: Probe\nlogsource:\n  category: ${category}\ndetection:\n  selection:\n${selection}\n  condition: selection\n`;
}
