/** What AppInspect does not see, and what the compiler's own checks leave to the tests (see check.test.ts). */
import { describe, expect, it } from 'vitest';
import { areDisjoint } from '../../generator/targets/splunk/disjoint-lines.js';
import { groupLines } from '../../generator/targets/splunk/group-lines.js';
import { orderedLines } from '../../generator/targets/splunk/line-tokens.js';
import { inGroupOrder } from '../../generator/targets/splunk/parser-plan.js';
import { everyRegex, files, pack } from './support/built.js';
import { readConf } from './support/read-conf.js';

const regexes = everyRegex();

describe('every regex', () => {
  it('is anchored, unless it collects values, or members of a record', () => {
    const loose = regexes.filter(({ regex }) => !/^(\(\?i\))?\(?\\A/.test(regex)).map(({ where }) => where);
    const collecting =
      /^\[ikeaudit_\w+_(?:payloads_(?:list|notifies|first_error)|xml_\w+|json_(?:text|number)|data|quoted|bare)\]$|EXTRACT-ikeaudit_1_record$/;
    expect(loose.filter((where) => !collecting.test(where))).toEqual([]);
    expect(loose).not.toEqual([]);
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
