/** What AppInspect does not see: regexes, and names that must fit together across the files. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areDisjoint } from '../../generator/targets/splunk/disjoint-lines.js';
import { groupLines } from '../../generator/targets/splunk/group-lines.js';
import { orderedLines } from '../../generator/targets/splunk/line-tokens.js';
import { inGroupOrder } from '../../generator/targets/splunk/parser-plan.js';
import { charon, everyRegex, files, pack, props, transforms } from './support/built.js';
import { Pcre } from './support/pcre.js';
import { readConf, readCsv } from './support/read-conf.js';

const regexes = everyRegex();
const settings = props.get(charon.sourcetype)!;
const reports = [...settings].filter(([key]) => key.startsWith('REPORT-')).flatMap(([, value]) => value.split(', '));
const groupNames = (regex: string) => [...regex.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name]) => name!);
/** Escapes and character classes taken out. */
const bare = (regex: string) => regex.replace(/\\.|\[\^?(?:\\.|[^\]\\])+\]/g, '');

describe('every regex', () => {
  let pcre: Pcre;
  beforeAll(async () => {
    pcre = await Pcre.create();
  });
  afterAll(() => pcre.destroy());

  it('compiles', () => {
    for (const { regex } of regexes) pcre.compile(regex);
  });
  it('means the same with and without (?ms): no dot, no caret, no dollar', () => {
    expect(regexes.filter(({ regex }) => /[.^$]/.test(bare(regex)))).toEqual([]);
  });
  it('names a group once, with at most 32 characters', () => {
    const wrong = regexes.filter(({ regex }) => {
      const names = groupNames(regex);
      return new Set(names).size !== names.length || names.some((name) => name.length > 32);
    });
    expect(wrong).toEqual([]);
  });
  it('is anchored, unless it collects values, or members of a record', () => {
    const loose = regexes.filter(({ regex }) => !/^(\(\?i\))?\(?\\A/.test(regex)).map(({ where }) => where);
    const collecting =
      /^\[ikeaudit_\w+_(?:payloads_(?:list|notifies|first_error)|xml_\w+|json_(?:text|number)|data|quoted|bare)\]$|EXTRACT-ikeaudit_1_record$/;
    expect(loose.filter((where) => !collecting.test(where))).toEqual([]);
    expect(loose).not.toEqual([]);
  });
  it('does not end as "in field", which an EXTRACT would take for its source', () => {
    expect(regexes.filter(({ regex }) => / in \w+$/.test(regex))).toEqual([]);
  });
});

describe('every transform', () => {
  const used = reports.map((name) => [name, transforms.get(name)!] as const);

  it('is listed once', () => {
    expect(new Set(reports).size).toBe(reports.length);
    expect(used.filter(([, transform]) => !transform)).toEqual([]);
  });
  it('reads a field that something gives before it', () => {
    const given = new Set([...settings].filter(([key]) => key.startsWith('EXTRACT-')).flatMap(([, value]) => groupNames(value)));
    const missing: string[] = [];
    for (const [name, transform] of used) {
      if (!given.has(transform.get('SOURCE_KEY')!)) missing.push(name);
      for (const pair of transform.get('FORMAT')!.split(' ')) given.add(pair.split('::')[0]!);
    }
    expect(missing).toEqual([]);
  });
  it('formats groups that its regex has: else searches would return no events', () => {
    const wrong = used.filter(([, transform]) => {
      const groups = bare(transform.get('REGEX')!).match(/\((?!\?)/g)?.length ?? 0;
      return [...transform.get('FORMAT')!.matchAll(/\$(\d+)/g)].some(([, number]) => Number(number) > groups) || groups === 0;
    });
    expect(wrong).toEqual([]);
  });
  it('formats a field once, with values that need no quotes', () => {
    const wrong = used.filter(([, transform]) => {
      const pairs = transform.get('FORMAT')!.split(' ');
      return (
        new Set(pairs.map((pair) => pair.split('::')[0])).size !== pairs.length ||
        pairs.some((pair) => !/^\w+::(\$\d+|[\w.-]+)$/.test(pair))
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(pack.parsers.filter(({ entries }) => entries.length).map((parser) => [parser.name, parser] as const))(
  'lines of %s',
  (_, parser) => {
    const lines = orderedLines(pack, parser);
    const groups = groupLines(lines);

    it('that one field leads to exclude each other, so that two transforms never both fire', () => {
      for (const { readings, open } of groups) {
        const meeting = readings.flatMap((reading, i) =>
          readings
            .slice(i + 1)
            .flatMap((other) => reading.flatMap((a) => other.filter((b) => !areDisjoint(a, b, open)).map((b) => [a, b]))),
        );
        expect(meeting.map((pair) => pair.map(({ entry }) => entry.template.source))).toEqual([]);
      }
    });
    it('stand in the engine order wherever two of them can meet', () => {
      const rank = new Map(lines.map((line, index) => [line, index]));
      const ordered = inGroupOrder(lines, groups);
      expect(new Set(ordered).size).toBe(lines.length);
      const wrong = ordered.flatMap((a, i) =>
        ordered
          .slice(i + 1)
          .filter((b) => rank.get(b)! < rank.get(a)! && !areDisjoint(a, b, 0))
          .map((b) => [a, b]),
      );
      expect(wrong.map((pair) => pair.map(({ entry }) => entry.template.source))).toEqual([]);
    });
  },
);

describe('look-ups', () => {
  const tables = [...settings]
    .filter(([key]) => key.startsWith('LOOKUP-'))
    .map(([key, value]) => [key, value.split(' ')] as const);

  it.each(tables)('%s has its table and columns, and no empty cell', (_, words) => {
    const rows = readCsv(files.get(`TA-ikeaudit/lookups/${transforms.get(words[0]!)!.get('filename')}`)!);
    const columns = Object.keys(rows[0]!);
    expect(columns).toContain(words[1]);
    expect(rows.flatMap((row) => Object.values(row)).filter((cell) => cell === '' || cell === undefined)).toEqual([]);
  });
});

describe('files', () => {
  it.each([...files.keys()].filter((path) => /\.(conf|meta)$/.test(path)))('%s has no second stanza or key', (path) => {
    expect(readConf(files.get(path)!).size).toBeGreaterThan(0);
  });
  it('are the same each time', async () => {
    const { emitSplunk } = await import('../../generator/targets/splunk/emit.js');
    expect(emitSplunk(pack)).toEqual(files);
  });
  it('tags event types that exist', () => {
    const types = readConf(files.get('TA-ikeaudit/default/eventtypes.conf')!);
    const tags = [...readConf(files.get('TA-ikeaudit/default/tags.conf')!).keys()].map((name) => name.replace('eventtype=', ''));
    expect(tags).toEqual([...types.keys()]);
  });
});
