/**
 * The tree as the script reads it: lists instead of objects, and numbers instead of words, which cost and weigh half.
 *
 *     node  [edge or null, edges or null, holes or null, number of the line that ends here or -1]
 *     edges [their first characters, sorted, edge, edge, …]
 *     edge  [literal, node]
 *     hole  [place in TAKES, place of its class in `params.classes` or null, most characters, code of the character that ends it early or -1, stop or null, ways]
 *     way   [field or null, kind of value or null, literal that follows or null, node]
 */
import { CAPTURE_TYPES } from '../../model/capture-types.js';
import type { Edge, Hole, TreeNode, Way } from './line-tree.js';

/** What holes take, as the script numbers it: see `endOfHole`. */
const TAKES = ['class', 'int', 'ip', 'tail', 'first', 'last', 'once', 'rest', 'timestamp', 'time', 'address', 'service'];

/** Types that have a class of characters, as `params.classes` has their flags. */
export const CLASSES = Object.entries(CAPTURE_TYPES).flatMap(([name, type]) => ('charset' in type ? [name] : []));

export function packNode({ edge, by, holes, line }: TreeNode): unknown[] {
  return [edge ? packEdge(edge) : null, by ? packEdges(by) : null, holes?.map(packHole) ?? null, line ?? -1];
}

function packEdges(by: Record<string, Edge>): unknown[] {
  const firsts = Object.keys(by).sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));
  return [firsts.join(''), ...firsts.map((first) => packEdge(by[first]!))];
}

function packEdge({ text, then }: Edge): unknown[] {
  return [text, packNode(then)];
}

function packHole(hole: Hole): unknown[] {
  return [
    takesNumber(hole.takes),
    hole.class === undefined ? null : CLASSES.indexOf(hole.class),
    hole.most ?? 0,
    hole.not ?? -1,
    hole.stop ?? null,
    hole.ways.map(packWay),
  ];
}

function takesNumber(takes: string): number {
  const number = TAKES.indexOf(takes);
  if (number < 0) throw new Error(`Unexpected "${takes}"`);
  return number;
}

function packWay({ field, as, text, then }: Way): unknown[] {
  return [field ?? null, as ?? null, text ?? null, packNode(then)];
}
