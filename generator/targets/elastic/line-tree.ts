/** Templates as a tree of plain data, which the pipeline's script walks: literals on the edges, captures where the lines part. */
import { holeKey } from '../../engine/compile-matcher.js';
import { variantOrder } from '../../engine/variant-order.js';
import { CAPTURE_TYPES, type CaptureTypeName, captureType, runsToStop, type ValueKind } from '../../model/capture-types.js';
import type { Step, Variant } from '../../model/template.js';

export interface TreeNode {
  /** the only literal that goes on from here */
  edge?: Edge;
  /** several, by their first character */
  by?: Record<string, Edge>;
  /** in the order in which they are tried */
  holes?: Hole[];
  /** what the line that may end here is, as a number */
  line?: number;
}

export interface Edge {
  text: string;
  then: TreeNode;
}

/** Captures that take the same text: where it ends is found once for all of them. */
export interface Hole extends HowFar {
  /** in the order in which they are tried */
  ways: Way[];
}

interface HowFar {
  takes: string;
  /** the type whose bytes it takes */
  class?: CaptureTypeName;
  most?: number;
  /** code of the character that ends a class early, or -1 */
  not?: number;
  /** the literal that ends the capture and is taken with it */
  stop?: string;
}

export interface Way {
  /** absent where the text is thrown away */
  field?: string;
  /** what the text becomes, where it does not stay as it is */
  as?: ValueKind;
  /** the only literal that goes on from the capture's end */
  text?: string;
  then: TreeNode;
}

interface Growing {
  characters: Map<string, Growing>;
  holes: Map<string, { step: Step; node: Growing }>;
  line: number;
  /** earliest place in the matcher's order of any line below */
  place: number;
}

/**
 * @param numbers what the tree says of each variant's line
 * @returns the tree, with captures in the order in which the engine tries them
 */
export function growTree(variants: Variant[], numbers: number[]): TreeNode {
  const root = sprout();
  for (const [place, index] of variantOrder(variants).entries()) plant(root, variants[index]!, numbers[index]!, place);
  return printNode(root);
}

function sprout(): Growing {
  return { characters: new Map(), holes: new Map(), line: -1, place: Number.POSITIVE_INFINITY };
}

function plant(root: Growing, { parts }: Variant, line: number, place: number): void {
  let node = root;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (part.kind === 'literal') for (const character of part.text) node = childOf(node.characters, character, place);
    else {
      const key = holeKey(part);
      let hole = node.holes.get(key);
      if (!hole) {
        hole = { step: part, node: sprout() };
        node.holes.set(key, hole);
      }
      node = hole.node;
      if (runsToStop(part.type)) index++;
    }
    node.place = Math.min(node.place, place);
  }
  node.line = line;
}

function childOf(characters: Map<string, Growing>, character: string, place: number): Growing {
  let node = characters.get(character);
  if (!node) {
    node = sprout();
    characters.set(character, node);
  }
  node.place = Math.min(node.place, place);
  return node;
}

function printNode(node: Growing): TreeNode {
  const edges = [...node.characters].map(([character, next]) => printEdge(character, next));
  const holes = printHoles([...node.holes.values()].sort((a, b) => a.node.place - b.node.place));
  return {
    ...(edges.length === 1
      ? { edge: edges[0] }
      : edges.length
        ? { by: Object.fromEntries(edges.map((edge) => [edge.text[0]!, edge])) }
        : {}),
    ...(holes.length ? { holes } : {}),
    ...(node.line >= 0 ? { line: node.line } : {}),
  };
}

/** The longest literal that only one way leads through. */
function printEdge(first: string, next: Growing): Edge {
  let text = first;
  let node = next;
  while (node.characters.size === 1 && node.holes.size === 0 && node.line < 0) {
    const [character, only] = node.characters.entries().next().value!;
    text += character;
    node = only;
  }
  return { text, then: printNode(node) };
}

function printHoles(captures: { step: Step; node: Growing }[]): Hole[] {
  const holes: Hole[] = [];
  for (const { step, node } of captures) {
    const far = howFar(step);
    const last = holes.at(-1);
    if (last && last.takes === far.takes && last.class === far.class && last.not === far.not && last.stop === far.stop) {
      last.ways.push(printWay(step, node));
    } else holes.push({ ...far, ways: [printWay(step, node)] });
  }
  return holes;
}

function printWay(step: Step, next: Growing): Way {
  const { value } = captureType(step.type);
  const as = value === 'text' || value === 'number' ? {} : { as: value };
  const goesOn = next.characters.size === 1 && next.holes.size === 0 && next.line < 0;
  const on = goesOn ? printEdge(...next.characters.entries().next().value!) : { then: printNode(next) };
  return { ...(step.field === '_' ? {} : { field: step.field, ...as }), ...on };
}

/** Types of one class are one: what the text becomes is the way's part. */
function howFar(step: Step): HowFar {
  const { takes, max, charset } = captureType(step.type);
  const most = max ?? 0x7fffffff;
  switch (takes) {
    case 'class':
      return { takes: 'class', class: step.type, most, not: -1 };
    case 'class-or-stop':
      return { takes: 'class', class: firstOfClass(charset!), most, not: step.stop ? step.stop.charCodeAt(0) : -1 };
    case 'int':
    case 'service':
      return { takes, most };
    case 'first':
    case 'last':
      return { takes: step.tail ? 'tail' : step.unique ? 'once' : takes, stop: step.stop };
    default:
      return { takes };
  }
}

function firstOfClass(charset: string): CaptureTypeName {
  return (Object.keys(CAPTURE_TYPES) as CaptureTypeName[]).find((name) => captureType(name).charset === charset)!;
}
