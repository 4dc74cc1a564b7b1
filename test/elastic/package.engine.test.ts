/** The integration package: as its specification's own linter sees it, and its pipelines on a node. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parser } from '../../generator/model/pack.js';
import { sampleHead } from '../support/sample-head.js';
import { NOW } from './support/compare.js';
import { HOSTILE, LINE } from './support/hostile-documents.js';
import { type Document, emitted, install, type Json, Node } from './support/node.js';
import { pack } from './support/rule-runs.js';

const LINT = fileURLToPath(new URL('../../.cache/package-lint/package-lint', import.meta.url));
const PREPARE = fileURLToPath(new URL('../toolchain/prepare.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ikeaudit-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

function lint(change: (files: Map<string, string>) => void = () => {}): string {
  const files = new Map(emitted);
  change(files);
  rmSync(join(folder, 'package'), { recursive: true, force: true });
  for (const [path, text] of files) {
    if (!path.startsWith('package/')) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    return execFileSync(LINT, [join(folder, 'package/ikev2')], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it('is without fault', () => {
  execFileSync('node', [PREPARE, 'package-lint']);
  expect(lint()).toBe('');
});

it('would not be with a changelog of another version', () => {
  expect(
    lint((files) =>
      files.set('package/ikev2/changelog.yml', String(files.get('package/ikev2/changelog.yml')).replace('0.1.0', '0.0.9')),
    ),
  ).toContain('changelog');
});

describe('its pipelines', () => {
  let node: Node;
  beforeAll(async () => {
    node = new Node();
    await install(node);
    for (const { dataset } of pack.parsers)
      await node.must(
        'PUT',
        `/_ingest/pipeline/package-${dataset}`,
        emitted.get(`package/ikev2/data_stream/${dataset}/elasticsearch/ingest_pipeline/default.json`),
      );
  });

  /** @returns the documents of the package's pipeline that are not those of the plain one */
  async function unlikePlain(dataset: string, documents: Document[]): Promise<Json[]> {
    const plain = await node.simulate(`ikeaudit-${dataset}`, documents);
    const packaged = await node.simulate(`package-${dataset}`, documents);
    return packaged.flatMap((document, index) => {
      const { ecs, ...rest } = document as Document & { ecs: Document };
      expect(ecs.version).toMatch(/^8\./);
      return sorted(rest) === sorted(plain[index]) ? [] : [{ packaged: rest, plain: plain[index] }];
    });
  }

  it.each(pack.parsers.map((parser) => [parser.name, parser] as const))('%s: as the plain one', async (_, parser) => {
    const documents = recordsOf(parser).map((message) => ({ message, '@timestamp': NOW }));
    expect(documents.length).toBeGreaterThan(0);
    expect(await unlikePlain(parser.dataset, documents)).toEqual([]);
  });

  it('joins the indented lines of a record, and keeps them as they came', async () => {
    const lines = readFileSync(new URL('../../samples/cisco/ios/lines.log', import.meta.url), 'utf8').trimEnd();
    const records = lines.split(/\n(?![ \t])/);
    expect(records.length).toBeLessThan(lines.split('\n').length);
    const messages = (pipeline: string, texts: string[]) =>
      node.simulate(
        pipeline,
        texts.map((message) => ({ message, '@timestamp': NOW })),
      );
    const joined = await messages('package-ios', records);
    const alone = await messages(
      'ikeaudit-ios',
      records.map((record) => record.replace(/\r?\n[ \t]+/g, ' ')),
    );
    expect(joined.map((document) => (document!.event as Document).original)).toEqual(records);
    const withoutLine = (document: Document | null) => {
      const { ecs: _, event, ...rest } = document as Document & { event: Document };
      return sorted({ ...rest, event: { ...event, original: '' } });
    };
    expect(joined.map(withoutLine)).toEqual(alone.map(withoutLine));
    expect(joined.filter((document) => (document!.event as Document).action === 'other').length).toBeLessThan(2);
  });

  it('lose no hostile document', async () => {
    const documents = [...HOSTILE.map(([, document]) => document), { message: LINE, event: 'x', labels: 'y' }, { message: LINE }];
    const stream = 'logs-ikev2.charon-package';
    const items = await node.bulk(stream, documents, 'refresh=true&pipeline=package-charon');
    expect(items.filter(({ status }) => status !== 201)).toEqual([]);
    const stored = await node.must('POST', `/${stream}/_search`, { size: documents.length });
    for (const { _source: source } of stored.hits.hits) {
      expect(source['@timestamp']).toBeDefined();
      expect(source.event.kind === 'pipeline_error' ? source.error.message : source.event.original).toBeDefined();
    }
    expect(await node.count(stream, { term: { 'event.action': 'packet_received' } })).toBeGreaterThan(5);
  });
});

function recordsOf(parser: Parser): string[] {
  const head = parser.programs.length ? sampleHead(parser) : '';
  return [
    ...parser.entries.map(({ sample }) => head + sample),
    ...parser.records.codes.map(({ sample }) => sample),
    ...parser.records.samples.map(({ text }) => text),
  ];
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
