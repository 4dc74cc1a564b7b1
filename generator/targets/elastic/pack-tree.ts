/**
 * The tree as the script reads it: lists instead of objects, which halves both its cost and its size.
 *
 *     node  [edge or null, edges by their first character or null, holes or null, number of the line that ends here or -1]
 *     edge  [literal, node]
 *     hole  [takes, class or null, most characters, code of the character that ends it early or -1, stop or null, ways]
 *     way   [field or null, kind of value or null, literal that follows or null, node]
 */
import type { Edge, Hole, TreeNode, Way } from './line-tree.js';

export function packNode({ edge, by, holes, line }: TreeNode): unknown[] {
  const edges = by && Object.fromEntries(Object.entries(by).map(([character, one]) => [character, packEdge(one)]));
  return [edge ? packEdge(edge) : null, edges ?? null, holes?.map(packHole) ?? null, line ?? -1];
}

function packEdge({ text, then }: Edge): unknown[] {
  return [text, packNode(then)];
}

function packHole(hole: Hole): unknown[] {
  return [hole.takes, hole.class ?? null, hole.most ?? 0, hole.not ?? -1, hole.stop ?? null, hole.ways.map(packWay)];
}

function packWay({ field, as, text, then }: Way): unknown[] {
  return [field ?? null, as ?? null, text ?? null, packNode(then)];
}
