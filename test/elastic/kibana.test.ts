/** What Kibana shows asks only for what the mappings have, and rules are as its API wants them. */
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { dashboards, emitDashboards } from '../../generator/targets/elastic/emit-dashboards.js';
import { emitElastic } from '../../generator/targets/elastic/emit.js';
import { emitRules } from '../../generator/targets/elastic/rules/emit-rules.js';

const pack = loadPack();
const { properties } = JSON.parse(String(emitElastic(pack).get('templates/component/ikeaudit-mappings.json'))).template.mappings;
const rules = emitRules(pack).map(({ rule }) => rule as Record<string, never>);

function isMapped(name: string): boolean {
  let at: { properties?: Record<string, object>; type?: string } | undefined = { properties };
  for (const step of name.split('.')) at = at?.properties?.[step] as typeof at;
  return at?.type !== undefined;
}

/** Names with a dot, outside of quotes. */
function fieldsIn(query: string): string[] {
  const bare = query.replace(/"(?:\\.|[^"\\])*"/g, '""').replace(/^FROM .*$/gm, '');
  return [...new Set(bare.match(/(?<![\w@.])@?[a-z][\w]*(?:\.[a-z_]\w*)+/g) ?? [])];
}

describe('dashboards', () => {
  const objects = emitDashboards(pack) as {
    type: string;
    id: string;
    attributes: Record<string, string>;
    references: { type: string; id: string }[];
  }[];

  it('are the six that are promised', () => {
    expect(dashboards(pack).map(({ name }) => name)).toEqual([
      'overview',
      'authentication',
      'crypto-posture',
      'availability',
      'lifecycle',
      'gateway',
    ]);
  });

  it('count by fields that can be aggregated, and ask for fields that are mapped', () => {
    const fields = objects.flatMap(({ type, attributes }) => {
      if (type !== 'dashboard') return [];
      const panels = JSON.parse(attributes.panelsJSON!) as {
        embeddableConfig: {
          attributes: {
            state: {
              datasourceStates: { formBased: { layers: { layer1: { columns: Record<string, { sourceField: string }> } } } };
              query: { query: string };
            };
          };
        };
      }[];
      return panels.flatMap(({ embeddableConfig: { attributes: panel } }) => [
        ...Object.values(panel.state.datasourceStates.formBased.layers.layer1.columns).map(({ sourceField }) => sourceField),
        ...fieldsIn(panel.state.query.query),
      ]);
    });
    expect(fields.length).toBeGreaterThan(30);
    expect([...new Set(fields)].filter((field) => field !== '___records___' && !isMapped(field))).toEqual([]);
  });

  it('refer to objects of the same file', () => {
    const ids = new Set(objects.map(({ id }) => id));
    expect(ids.size).toBe(objects.length);
    expect(objects.flatMap(({ references }) => references).filter(({ id }) => !ids.has(id))).toEqual([]);
  });
});

describe('rules', () => {
  it('have ids of their own, which stay', () => {
    const ids = rules.map(({ rule_id: id }) => id as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual([]);
  });

  it('look back at least their interval and the window', () => {
    const seconds = (text: string) =>
      Number.parseInt(text.replace('now-', ''), 10) * { s: 1, m: 60, h: 3600 }[text.at(-1) as 's' | 'm' | 'h'];
    for (const { name, from, interval, query } of rules) {
      const window = /maxspan=(\w+)/.exec(query as string)?.[1];
      const least = seconds(interval as string) + (window ? seconds(window) : 0);
      expect([name, seconds(from as string) >= least]).toEqual([name, true]);
    }
  });

  it('ask for fields that are mapped', () => {
    const unmapped = rules.flatMap(({ name, query, required_fields: required }) =>
      [...fieldsIn(query as string), ...(required as { name: string }[]).map((field) => field.name)]
        .filter((field) => !isMapped(field))
        .map((field) => `${name}: ${field}`),
    );
    expect(unmapped).toEqual([]);
  });

  it('are disabled, and carry guide, threat and severity', () => {
    for (const rule of rules) {
      expect(rule.enabled).toBe(false);
      expect(String(rule.note)).toContain('### What to do');
      expect(['low', 'medium', 'high', 'critical']).toContain(rule.severity);
    }
  });
});
