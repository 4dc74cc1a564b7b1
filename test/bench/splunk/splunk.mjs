// What Splunk's search-time extractions cost with PCRE2: `npm run bench:splunk -- [--rounds N] [--lib DIR]`. Needs a C compiler and libpcre2-dev.
// EXTRACT and REPORT are run as props.conf and transforms.conf say; EVAL and LOOKUP are not. Beside them stands an add-on as it is often written: a
// regex for each message, not anchored, over the whole event. Nothing is asserted here.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { byUse, readRecorded, sample, withEntries } from '../recorded.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(ROOT, '.cache/bench', `splunk-${process.pid}`);
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, lib: { type: 'string', default: join(ROOT, 'lib') } },
});
const lib = (/** @type {string} */ path) => import(pathToFileURL(join(resolve(options.lib), path)).href);
const { loadEngine } = await lib('load-engine.js');
const { RecordReader } = await lib('engine/record.js');
const { emitSplunk } = await lib('targets/splunk/emit.js');
const { escapeRegex } = await lib('regex/variant-regex.js');

/** So many recorded events, evenly taken, and enough rounds of them to be timed. */
const SAMPLED = 2_000;
const TIMED = 20_000;
/** @type {[string, RegExp][]} */
const SOURCES = [
  ['strongswan.charon', /^samples\/strongswan\/.*\.log$/],
  ['libreswan.pluto', /^samples\/libreswan\/.*\.log$/],
  ['cisco.asa', /^samples\/cisco\/asa\/.*\.log$/],
  ['juniper.srx', /^samples\/juniper\/srx\/.*\.log$/],
];

mkdirSync(FOLDER, { recursive: true });
try {
  const program = join(FOLDER, 'extract');
  execFileSync('cc', ['-O2', '-Wall', '-o', program, join(import.meta.dirname, 'extract.c'), '-lpcre2-8'], { stdio: 'inherit' });
  const engine = await loadEngine();
  const rows = [];
  for (const [name, files] of SOURCES) {
    const read = readRecorded(engine, RecordReader, name, files);
    const parser = engine.pack.parsers.find((/** @type {any} */ each) => each.name === name);
    rows.push(...(await measureSource(program, engine.pack, parser, read)));
  }
  print(rows);
} finally {
  rmSync(FOLDER, { recursive: true, force: true });
}

async function measureSource(
  /** @type {string} */ program,
  /** @type {any} */ pack,
  /** @type {any} */ parser,
  /** @type {Read[]} */ read,
) {
  const used = byUse(parser, read);
  const rows = [];
  for (const count of [40, 400, parser.entries.length]) {
    if (count > parser.entries.length) continue;
    const own = withEntries(parser, used.slice(0, count));
    const all = count === parser.entries.length;
    // the same events for 40 and for 400, so that nothing but the number of templates differs
    const forty = new Set(used.slice(0, 40));
    const events = sample(all ? read : read.filter(({ entry }) => forty.has(entry)), SAMPLED);
    const ours = stepsOf(
      emitSplunk({
        ...pack,
        parsers: pack.parsers.map((/** @type {any} */ each) => (each === parser ? own : { ...each, entries: [] })),
        detections: [],
      }),
      parser.sourcetype,
    );
    for (const [what, steps] of /** @type {const} */ ([
      ['ikeaudit', ours],
      ['a regex a message', naiveSteps(own.entries)],
    ]))
      rows.push({
        source: parser.name,
        what,
        templates: count,
        events: all ? 'all recorded' : 'of 40 templates',
        ...run(program, steps, events),
      });
    rows.push({
      source: parser.name,
      what: 'ikeaudit, no match',
      templates: count,
      events: 'damaged',
      ...run(
        program,
        ours,
        events.map(({ text, entry }) => ({ text: `${text.slice(0, -1)}~~`, entry })),
      ),
    });
  }
  return rows;
}

/** @typedef {import('../recorded.mjs').Read} Read */
/** @typedef {{ from: string, many: boolean, to: [string, string][], regex: string }} Step a group's name or number, and the field that it fills */

/** What props.conf has Splunk do at search time. @returns {Step[]} */
function stepsOf(/** @type {Map<string, string>} */ files, /** @type {string} */ sourcetype) {
  const props = readConf(files.get('TA-ikeaudit/default/props.conf') ?? '').get(sourcetype) ?? [];
  const transforms = readConf(files.get('TA-ikeaudit/default/transforms.conf') ?? '');
  const extracts = props
    .filter(([key]) => key.startsWith('EXTRACT-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => {
      const [, regex = '', from = '_raw'] = /^(.*?)(?: in (\w+))?$/s.exec(value) ?? [];
      return { from, many: false, to: namesIn(regex), regex };
    });
  const reports = props
    .filter(([key]) => key.startsWith('REPORT-'))
    .flatMap(([, value]) => value.split(', '))
    .map((name) => {
      const stanza = new Map(transforms.get(name));
      const to = [...(stanza.get('FORMAT') ?? '').matchAll(/(\w+)::\$(\d+)/g)].map(
        ([, field = '', group = '']) => /** @type {[string, string]} */ ([group, field]),
      );
      const regex = stanza.get('REGEX') ?? '';
      return {
        from: stanza.get('SOURCE_KEY') ?? '_raw',
        many: stanza.get('MV_ADD') === 'true',
        to: to.length ? to : namesIn(regex),
        regex,
      };
    });
  return [...extracts, ...reports];
}

/** One regex a message, over the whole event, with the words that one writes by hand. @returns {Step[]} */
function naiveSteps(/** @type {any[]} */ entries) {
  const holes = { ip: '[0-9A-Fa-f.:]+', int: '\\d+', port: '\\d+', hex: '[0-9A-Fa-f]+', word: '\\S+', rest: '.*' };
  return entries.map(({ template }) => {
    const names = new Set();
    const parts = template.parts.map((/** @type {any} */ part) => {
      if (part.kind === 'literal') return escapeRegex(part.text);
      if (part.kind === 'choice') return `(?:${part.options.map(escapeRegex).join('|')})`;
      const hole = holes[/** @type {keyof typeof holes} */ (part.type)] ?? '.+?';
      if (!part.field || part.field === '_' || names.has(part.field)) return hole;
      names.add(part.field);
      return `(?<${part.field}>${hole})`;
    });
    const regex = parts.join('');
    return { from: '_raw', many: false, to: namesIn(regex), regex };
  });
}

/** @returns {[string, string][]} */
function namesIn(/** @type {string} */ regex) {
  return [...regex.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = '']) => [name, name]);
}

/** @returns {Map<string, [string, string][]>} stanzas and their settings, in order */
function readConf(/** @type {string} */ text) {
  const stanzas = new Map();
  let settings = [];
  for (const line of text.split('\n')) {
    const stanza = /^\[(.*)\]$/.exec(line);
    const at = line.indexOf(' = ');
    if (stanza) stanzas.set(stanza[1], (settings = []));
    else if (at > 0 && !line.startsWith('#')) settings.push([line.slice(0, at), line.slice(at + 3)]);
  }
  return stanzas;
}

function run(/** @type {string} */ program, /** @type {Step[]} */ steps, /** @type {Read[]} */ events) {
  const slots = new Map([['_raw', 0]]);
  const slotOf = (/** @type {string} */ field) => {
    const slot = slots.get(field) ?? slots.size;
    slots.set(field, slot);
    return slot;
  };
  const plan = steps.map(({ from, many, to, regex }) =>
    [slotOf(from), Number(many), to.map(([group, field]) => `${group}=${slotOf(field)}`).join(','), regex].join('\t'),
  );
  writeFileSync(join(FOLDER, 'plan'), `${plan.join('\n')}\n`);
  writeFileSync(join(FOLDER, 'events'), `${events.map(({ text }) => text).join('\n')}\n`, 'latin1');
  const repeat = String(steps.length > 200 && steps.every(({ from }) => from === '_raw') ? 1 : Math.ceil(TIMED / events.length));
  const best = (/** @type {string} */ how) => {
    const results = Array.from({ length: Number(options.rounds) }, () =>
      JSON.parse(execFileSync(program, [join(FOLDER, 'plan'), join(FOLDER, 'events'), how, repeat], { encoding: 'utf8' })),
    );
    return results.reduce((a, b) => (b.micros < a.micros ? b : a));
  };
  const interpreted = best('interpreted');
  return { regexes: steps.length, count: events.length, interpreted, jit: best('jit') };
}

function print(/** @type {any[]} */ rows) {
  console.log(
    'CPU time of an event in µs (the best of the rounds); limits: tries that ended at match_limit 100,000 or depth 1,000',
  );
  console.table(
    rows.map(({ source, what, templates, events, count, regexes, interpreted, jit }) => ({
      source,
      what,
      templates,
      events: `${count} ${events}`,
      regexes,
      'interpreted µs': interpreted.micros.toFixed(2),
      'JIT µs': jit.micros.toFixed(2),
      limits: interpreted.limited,
    })),
  );
}
