/** Recipes whose programs are not run here: they are well-formed, and what they name exists. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { loadPack } from '../../generator/compile.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';
import { emitSplunk } from '../../generator/targets/splunk/emit.js';
import { needs } from './needs.js';
import { recipe } from './recipe.js';

const PYTHON = needs('python3', 'python3');
const pack = loadPack();
const datasets = new Set(
  [...emitElastic(pack).keys()].flatMap((path) => /^templates\/index\/logs-(ikev2\.\w+)\.json$/.exec(path)?.[1] ?? []),
);
const sourcetypes = new Set(
  [
    ...emitSplunk(pack)
      .get('TA-ikeaudit/default/props.conf')!
      .matchAll(/^\[([^\]]+)\]$/gm),
  ].map(([, name]) => name),
);

/** @returns what Python's standard library makes of a recipe, as JSON */
function python(script: string, input: string): unknown {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', script], { input, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

test('docs/delivery.md names every file of docs/delivery, and no other', () => {
  const named = new Set(
    [...readFileSync('docs/delivery.md', 'utf8').matchAll(/\(delivery\/([\w.-]+)\)/g)].map(([, name]) => name),
  );
  expect([...named].sort()).toEqual(readdirSync('docs/delivery').sort());
});

describe.each(readdirSync('docs/delivery'))('%s', (name) => {
  const text = recipe(name);

  it('names data sets and source types that are built', () => {
    for (const [dataset] of text.matchAll(/\bikev2\.[a-z]\w*/g)) expect(datasets).toContain(dataset);
    for (const [, sourcetype] of text.matchAll(/^sourcetype = (\S+)$/gm)) expect(sourcetypes).toContain(sourcetype);
  });

  it('reads where the collector writes', () => {
    const programs = new Set(pack.parsers.flatMap((parser) => parser.programs));
    for (const [, program] of text.matchAll(/\/var\/log\/ike\/(\w+)\/\*\.log/g)) expect(programs).toContain(program);
  });
});

test('vector.toml sends each source to a data stream', () => {
  const { sources, sinks } = python(
    'import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))',
    recipe('vector.toml'),
  ) as {
    sources: Record<string, object>;
    sinks: Record<string, { inputs: string[]; mode: string; bulk: object; data_stream: object }>;
  };
  for (const [name, sink] of Object.entries(sinks)) {
    expect(sink).toMatchObject({
      inputs: [name],
      mode: 'data_stream',
      bulk: { action: 'create' },
      data_stream: { type: 'logs' },
    });
  }
  expect(Object.keys(sources)).toEqual(Object.keys(sinks));
});

test('elastic-agent.yml has a data set and a path in every stream', () => {
  const { inputs } = parse(recipe('elastic-agent.yml')) as { inputs: { streams: { id: string }[] }[] };
  for (const stream of inputs.flatMap(({ streams }) => streams)) {
    expect(stream).toMatchObject({ id: expect.any(String), paths: expect.any(Array), data_stream: { type: 'logs' } });
  }
});

test("logstash.conf gives each program's line to its data set", () => {
  const text = recipe('logstash.conf');
  const routes = [
    ...text.matchAll(/\[message\] =~ \/(.*)\/ \{\s+mutate \{ add_field => \{ "\[data_stream\]\[dataset\]" => "ikev2\.(\w+)"/g),
  ];
  const fallback = /else \{\s+mutate \{ add_field => \{ "\[data_stream\]\[dataset\]" => "ikev2\.(\w+)"/.exec(text)![1];
  const route = (line: string) => routes.find(([, regex]) => new RegExp(regex!).test(line))?.[2] ?? fallback;
  expect(text.split('{').length).toBe(text.split('}').length);
  for (const { dataset, programs } of pack.parsers.filter(({ dataset }) =>
    ['charon', 'pluto', 'radiusd', 'srx'].includes(dataset),
  )) {
    for (const program of programs) {
      expect([program, route(`<30>1 2026-11-24T06:04:20.123456+01:00 gw ${program} 809 - - text`)]).toEqual([program, dataset]);
      expect([program, route(`<30>Nov 24 06:04:20 gw ${program}[809]: text`)]).toEqual([program, dataset]);
    }
  }
});

test('windows-event-forwarding.xml holds a well-formed subscription and query, which keeps the events as XML', () => {
  const script = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.read())
text = {child.tag.split('}')[1]: child.text for child in root}
query = tree.fromstring(text['Query'].strip())
print(json.dumps({'format': text['ContentFormat'], 'selects': [[s.get('Path'), s.text] for s in query.iter('Select')]}))`;
  const { format, selects } = python(script, recipe('windows-event-forwarding.xml')) as {
    format: string;
    selects: [string, string][];
  };
  expect(format).toBe('Events');
  expect(new Set(selects.map(([path]) => path))).toEqual(new Set(['Security', 'System', 'Application']));
  // the query language takes at most 22 conditions in one select
  for (const [, select] of selects) expect(select.split(/ and | or /).length).toBeLessThanOrEqual(22);
});
