/** Conditions in the query DSL, which OpenSearch and every Elasticsearch read. */
import { type Condition, hasOneSpelling, isNumeric } from './condition.js';

/** Whether one of the other fields has the same text: the query DSL compares no two fields. */
const SAME_TEXT =
  'if (doc[params.field].size() == 0) return false;' +
  ' for (name in params.others) { if (doc[name].size() > 0 && doc[name].value.toString().equalsIgnoreCase(doc[params.field].value.toString())) return true; }' +
  ' return false;';

export function printQuery(condition: Condition): object {
  switch (condition.kind) {
    case 'all':
      return condition.of.length ? { bool: { filter: condition.of.map(printQuery) } } : { match_all: {} };
    case 'any':
      return either(condition.of.map(printQuery));
    case 'not':
      return { bool: { must_not: [printQuery(condition.of)] } };
    case 'compare':
      return printComparison(condition);
  }
}

function printComparison({ field, op, values, others }: Extract<Condition, { kind: 'compare' }>): object {
  const name = field.ecs;
  const pattern = (value: string) => value.replace(/[\\*?]/g, '\\$&');
  switch (op) {
    case 'exists':
      return values[0] === false ? { bool: { must_not: [{ exists: { field: name } }] } } : { exists: { field: name } };
    case 'is':
      if (hasOneSpelling(field) || isNumeric(field) || field.type === 'bool') return { terms: { [name]: values } };
      return either(values.map((value) => ({ term: { [name]: { value, case_insensitive: true } } })));
    case 'cidr':
      return { terms: { [name]: values } };
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return either(values.map((value) => ({ range: { [name]: { [op]: value } } })));
    case 'fieldref':
      return {
        script: {
          script: { lang: 'painless', source: SAME_TEXT, params: { field: name, others: others.map(({ ecs }) => ecs) } },
        },
      };
    case 'startswith':
      return either(values.map((value) => ({ prefix: { [name]: { value: String(value), case_insensitive: true } } })));
    default: {
      const before = op === 'endswith' || op === 'contains' ? '*' : '';
      const after = op === 'contains' ? '*' : '';
      return either(
        values.map((value) => ({
          wildcard: { [name]: { value: before + pattern(String(value)) + after, case_insensitive: true } },
        })),
      );
    }
  }
}

function either(alternatives: object[]): object {
  if (alternatives.length === 0) return { match_none: {} };
  return alternatives.length === 1 ? alternatives[0]! : { bool: { should: alternatives, minimum_should_match: 1 } };
}
