import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';
import { printJson } from '../../generator/targets/elastic/print-json.js';
import { emitRules } from '../../generator/targets/elastic/rules/emit-rules.js';
import { VERSION } from '../../generator/model/version.js';

const golden = fileURLToPath(new URL('../golden/elastic/', import.meta.url));
const pack = loadPack();
const files = emitElastic(pack);

describe('emitted Elastic content', () => {
  it.each([...files])('%s is as committed', async (path, text) => {
    if (isKept(path)) await expect(text).toMatchFileSnapshot(golden + path);
  });

  it.each([...rulesByFolder()])('rules of %s are as committed', async (path, text) => {
    await expect(text).toMatchFileSnapshot(golden + path);
  });

  it('leaves no golden of a file that is not emitted any more', () => {
    const committed = readdirSync(golden, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
    expect(committed.sort()).toEqual([...files.keys()].filter(isKept).sort());
  });

  it('is the same each time', () => {
    expect([...emitElastic(loadPack())]).toEqual([...files]);
  });

  it('carries the version of the package', () => {
    expect(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version).toBe(VERSION);
  });

  it('drops noise where that is asked for', () => {
    const { processors } = JSON.parse(emitElastic(pack, { drop: ['ignored'] }).get('pipelines/ikeaudit-charon.json')!);
    expect(processors.at(-1)).toEqual({ drop: { tag: 'drop-ignored', if: "ctx.event?.action == 'ignored'" } });
  });

  it('stays below the length that a node takes for a script', () => {
    for (const [path, text] of files) {
      if (path.startsWith('pipelines/')) expect(scriptOf(text).length).toBeLessThan(65_535);
    }
  });

  it('gives every field of fields.yml a mapping', () => {
    const { properties } = JSON.parse(files.get('templates/component/ikeaudit-mappings.json')!).template.mappings;
    const typeAt = (name: string) =>
      name
        .split('.')
        .reduce<{ type?: string; properties?: Record<string, object> }>(
          (at, step) => (at.properties as Record<string, object>)[step]!,
          { properties },
        ).type;
    for (const { ecs } of pack.fields.values()) expect([ecs, typeAt(ecs)]).toEqual([ecs, expect.any(String)]);
  });
});

/** @returns the source of a pipeline's script */
function scriptOf(pipeline: string): string {
  const { processors } = JSON.parse(pipeline) as { processors: { script?: { source: string } }[] };
  return processors.find(({ script }) => script)!.script!.source;
}

/** Lines are kept as rules and fields elsewhere; a package holds the same once more. */
function isKept(path: string): boolean {
  return path.endsWith('.json') && !path.startsWith('package/');
}

/** Rules as a reviewer reads them: a query on lines of its own, and what Kibana shows. */
function rulesByFolder(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { detection, rule } of emitRules(pack)) {
    const path = `rules/${detection}.txt`;
    const { query, note, ...rest } = rule;
    texts.set(path, `${texts.get(path) ?? ''}${printJson(rest)}${String(query).trim()}\n\n${String(note)}\n\n`);
  }
  return texts;
}
