/** The reference pages are what the content says, and the links of all pages lead somewhere. `npm run docs` makes them again. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkDetections } from '../../generator/check/check-detections.js';
import { checkSchema } from '../../generator/check/check-schema.js';
import { loadPack } from '../../generator/compile.js';
import { loadContent, loadSettings } from '../../generator/load/load-content.js';
import { lower } from '../../generator/lower/lower.js';
import { emitDocs } from '../../generator/docs/emit-docs.js';
import type { ExactnessOf } from '../../generator/model/exactness.js';
import type { Parity } from '../../generator/docs/parity.js';
import { TARGETS } from '../../generator/targets/targets.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const pack = loadPack();
const exactness: ExactnessOf = {};
for (const [name, target] of Object.entries(TARGETS)) {
  exactness[name] = await target.exactness();
}
const parity: Parity = new Map(
  ['splunk', 'elastic', 'opensearch', 'sigma'].flatMap((target) => {
    const path = join(ROOT, `test/parity/${target}.json`);
    return existsSync(path) ? [[target, JSON.parse(readFileSync(path, 'utf8'))]] : [];
  }),
);
const kept = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as never;
const pages = emitDocs(pack, exactness, {
  parity,
  backends: kept('test/sigma/backends.json'),
  mutation: kept('test/mutation/results.json'),
});

describe('a generated page', () => {
  it.each([...pages.keys()])('docs/%s is as the content says', async (path) => {
    await expect(pages.get(path)).toMatchFileSnapshot(join(ROOT, 'docs', path));
  });

  it('has a page for it in the content', () => {
    const committed = readdirSync(join(ROOT, 'docs/detections')).map((name) => `detections/${name}`);
    expect(committed.filter((path) => !pages.has(path))).toEqual([]);
  });
});

const written = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'samples/README.md', ...pagesBelow('docs')].filter((path) =>
  existsSync(join(ROOT, path)),
);

describe('links', () => {
  it.each(written)('of %s lead to files and headings', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !leadsSomewhere(path, link));
    expect([...new Set(broken)]).toEqual([]);
  });
});

describe('docs/settings.md', () => {
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8'))!;
  const schema = JSON.parse(readFileSync(join(ROOT, 'generator/schemas/settings.schema.json'), 'utf8')) as {
    properties: Record<string, { items?: { properties?: object }; properties?: object }>;
  };

  it('has every key', () => {
    const keys = Object.entries(schema.properties).flatMap(([key, { items, properties }]) => [
      key,
      ...Object.keys(items?.properties ?? properties ?? {}),
    ]);
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(example!))).toEqual([]);
  });

  it('holds settings that check takes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ikeaudit-settings-'));
    writeFileSync(join(folder, 'settings.yml'), example!);
    const { document } = loadSettings(join(folder, 'settings.yml'));
    rmSync(folder, { recursive: true });
    const { documents } = loadContent();
    const whole = [...documents, document];
    expect(await checkSchema([document], new URL('../../generator/schemas/', import.meta.url))).toEqual([]);
    expect(checkDetections(whole, lower(whole).pack)).toEqual([]);
  });
});

function leadsSomewhere(from: string, link: string): boolean {
  const [file, heading] = link.split('#') as [string, string | undefined];
  const target = file === '' ? join(ROOT, from) : join(ROOT, dirname(from), file);
  if (!existsSync(target)) return false;
  return heading === undefined || headings(readFileSync(target, 'utf8')).includes(heading);
}

/** Anchors as GitHub makes them. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
}

function pagesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}
