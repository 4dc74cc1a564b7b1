/**
 * Imports in generator/ point one way: from the command line down to the model. What a part may import is written out here, so that
 * a new arrow is a decision that somebody made, and not an accident.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const GENERATOR = fileURLToPath(new URL('../generator/', import.meta.url));

/**
 * From the bottom to the top; a name stands for a file, or for a folder with all below it. `targets/*` is the row of every target: it may
 * import its own folder, and as no target is in the list, it knows nothing of the others.
 */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  load: ['model'],
  lower: ['model', 'load'],
  regex: ['model', 'lower/variants'],
  core: [],
  engine: ['model', 'lower/variants', 'core/layout'],
  check: ['model', 'load', 'lower/read-template', 'lower/variants', 'engine', 'anonymize/foreign-names'],
  detect: ['model'],
  audit: ['model', 'detect', 'engine'],
  report: ['model', 'detect', 'audit'],
  'targets/*': [
    'model',
    'regex',
    'lower/variants',
    'lower/apply-settings',
    'engine/compile-records',
    'engine/find-path',
    'engine/vocabulary',
    'engine/compile-matcher',
    'engine/variant-order',
    'engine/formats',
  ],
  release: [],
  targets: ['model', 'targets/*', 'release'],
  suggest: ['model', 'engine', 'lower/read-template'],
  anonymize: [],
  docs: ['model', 'lower/apply-settings', 'engine'],
  deploy: ['model'],
  'pack-cache': ['model', 'load', 'engine'],
  compile: ['model', 'load', 'lower', 'check', 'engine', 'pack-cache'],
  'load-engine': ['model', 'load', 'lower', 'engine', 'pack-cache'],
  commands: [
    'model',
    'load',
    'lower',
    'regex',
    'engine',
    'detect',
    'audit',
    'report',
    'suggest',
    'anonymize',
    'check',
    'compile',
    'load-engine',
    'pack-cache',
    'targets/targets',
    'release',
    'deploy',
  ],
  cli: ['commands', 'targets/targets'],
};

/** Who may touch the disk, and what for. All others are given data and give data back. */
const DISK: Record<string, string> = {
  load: 'reads content',
  commands: 'write what was built',
  'check/check-schema': 'reads the schemas of content',
  'engine/core': 'reads what was compiled of the core',
  'engine/source': 'reads logs',
  'pack-cache': 'keeps the compiled pack between two runs',
  cli: 'reads its own version',
};

interface File {
  /** files of ours, by their paths */
  files: string[];
  packages: string[];
}

/** By path below generator/, without `.ts`. */
const files = new Map<string, File>(
  readdirSync(GENERATOR, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path.replace(/\.ts$/, ''), importsOf(path)]),
);

const arrows = [...files].flatMap(([from, imports]) => imports.files.map((to) => ({ from, to })));

describe('each part imports what is below it:', () => {
  it.each(Object.entries(MAY_IMPORT).map(([part, below]) => [part, below.join(', ') || 'nothing']))('%s: %s', (part) => {
    const wrong = arrows.filter(({ from, to }) => rowOf(from) === part && !isAllowed(from, to));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe('generator/', () => {
  it('has no part that the table does not know', () => {
    expect([...files.keys()].filter((file) => !(rowOf(file) in MAY_IMPORT))).toEqual([]);
  });

  it('has no cycle of files', () => {
    expect(findCycle()).toBeUndefined();
  });

  it('touches the disk in few places', () => {
    const touching = [...files]
      .filter(([, imports]) => imports.packages.some((name) => /^(node:)?fs(\/|$)/.test(name)))
      .map(([file]) => file);
    expect(touching.filter((file) => !Object.keys(DISK).some((name) => isWithin(file, name)))).toEqual([]);
  });
});

/** Imports of every kind: of values, of types, re-exports, and `import()` at run time. */
function importsOf(path: string): File {
  const { importedFiles } = ts.preProcessFile(readFileSync(GENERATOR + path, 'utf8'), true, true);
  const [ours, packages] = [true, false].map((relative) =>
    importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.') === relative),
  );
  return { files: ours!.map((name) => posix.join(posix.dirname(path), name.replace(/\.js$/, ''))), packages: packages! };
}

/** @returns the name in the table under which a file stands */
function rowOf(file: string): string {
  return /^targets\/.*\//.test(file) ? 'targets/*' : file.split('/')[0]!;
}

/** @returns the folder in which files may import each other as they like, as far as they make no cycle */
function homeOf(file: string): string {
  return file
    .split('/')
    .slice(0, rowOf(file) === 'targets/*' ? 2 : 1)
    .join('/');
}

function isAllowed(from: string, to: string): boolean {
  return homeOf(from) === homeOf(to) || MAY_IMPORT[rowOf(from)]!.some((name) => rowOf(to) === name || isWithin(to, name));
}

function isWithin(file: string, name: string): boolean {
  return file === name || file.startsWith(`${name}/`);
}

/** @returns the first cycle found, as a way from a file back to itself */
function findCycle(): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of files.get(file)?.files ?? []) {
      const cycle = visit(next, [...way, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
