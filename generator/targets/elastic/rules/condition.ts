/** What a record must say, as a tree that each query language prints in its own words. */
import type { Comparison, Detection, Of, Selection } from '../../../model/detection.js';
import type { Field, Pack } from '../../../model/pack.js';

export type Condition =
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'compare'; field: Field; op: Comparison['op']; values: Comparison['values']; others: Field[] };

/** @returns the condition of the selections that `of` names; names of matches are left out */
export function conditionOf(pack: Pick<Pack, 'fields'>, { selections }: Pick<Detection, 'selections'>, of: Of): Condition {
  const named = (names: string[]) => names.flatMap((name) => selections[name] ?? []);
  const wanted = any(named(of.any).map((selection) => selectionCondition(pack, selection)));
  return without(
    wanted,
    named(of.not).map((selection) => selectionCondition(pack, selection)),
  );
}

export function fieldOf(pack: Pick<Pack, 'fields'>, name: string): Field {
  const field = pack.fields.get(name);
  if (!field) throw new Error(`Unexpected field "${name}"`);
  return field;
}

/** @returns every comparison of the tree */
export function comparisonsOf(condition: Condition): Extract<Condition, { kind: 'compare' }>[] {
  if (condition.kind === 'compare') return [condition];
  return condition.kind === 'not' ? comparisonsOf(condition.of) : condition.of.flatMap(comparisonsOf);
}

/** A list of no alternatives is never true, one of no requirements always. */
export function any(of: Condition[]): Condition {
  return of.length === 1 ? of[0]! : { kind: 'any', of };
}

export function all(of: Condition[]): Condition {
  return of.length === 1 ? of[0]! : { kind: 'all', of };
}

function without(wanted: Condition, refused: Condition[]): Condition {
  return refused.length === 0 ? wanted : all([wanted, ...refused.map((of): Condition => ({ kind: 'not', of }))]);
}

function selectionCondition(pack: Pick<Pack, 'fields'>, selection: Selection): Condition {
  const maps = (alternatives: Comparison[][]) =>
    alternatives.map((comparisons) => all(comparisons.map((comparison) => compare(pack, comparison))));
  return without(any(maps(selection.any)), maps(selection.not));
}

function compare(pack: Pick<Pack, 'fields'>, { field, op, values }: Comparison): Condition {
  const others = op === 'fieldref' ? values.map((name) => fieldOf(pack, String(name))) : [];
  return { kind: 'compare', field: fieldOf(pack, field), op, values, others };
}

/** Texts that we write ourselves have one spelling; others compare without regard to case. */
export function hasOneSpelling({ name, values, type }: Field): boolean {
  return name === 'msg_type' || values !== undefined || !['keyword', 'text'].includes(type);
}

export function isNumeric({ type }: Field): boolean {
  return ['int', 'long', 'port', 'float'].includes(type);
}
