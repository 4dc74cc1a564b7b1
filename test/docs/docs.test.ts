/** The reference pages are what the content says, and the links of all pages lead somewhere. `npm run docs` makes them again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { emitDocs } from '../../generator/docs/emit-docs.js';
import type { ExactnessOf } from '../../generator/model/exactness.js';
import type { Parity } from '../../generator/docs/parity.js';
import type { BackendResults } from '../../generator/docs/sigma-backends.js';
import { TARGETS } from '../../generator/targets/targets.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const targets = await Promise.all(Object.values(TARGETS).map((load) => load()));
const pack = loadPack();
const exactness: ExactnessOf = Object.fromEntries(
  targets.flatMap(({ name, exactness: judge }) => (judge ? [[name, (detection) => judge(detection, pack)]] : [])),
);
const parity: Parity = new Map(
  ['splunk', 'elastic', 'sigma'].flatMap((target) => {
    const path = join(ROOT, `test/parity/${target}.json`);
    return existsSync(path) ? [[target, JSON.parse(readFileSync(path, 'utf8'))]] : [];
  }),
);
const backends = JSON.parse(readFileSync(join(ROOT, 'test/sigma/backends.json'), 'utf8')) as BackendResults;
const pages = emitDocs(pack, exactness, parity, backends);

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
