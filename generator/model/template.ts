/** A template: a vendor's own log line with typed holes, read into plain data. */
import type { CaptureTypeName } from './capture-types.js';

export type Part = Literal | Capture | Choice;

/** Bytes that stand in the line as they are. */
export interface Literal {
  kind: 'literal';
  text: string;
}

/** A typed hole. Field `_` is matched and thrown away. */
export interface Capture {
  kind: 'capture';
  field: string;
  type: CaptureTypeName;
  /** offset of `%{` in the template's source */
  at: number;
}

/** One of several literals; an optional literal has '' as its last option. With a `field`, the option found is its value. */
export interface Choice {
  kind: 'choice';
  options: string[];
  field?: string;
  at: number;
}

export interface Template {
  source: string;
  parts: Part[];
}

/** One way through a template once its choices are made. */
export interface Variant {
  parts: (Literal | Step)[];
  /** values of choices with a field */
  chosen: Record<string, string>;
}

/** A capture that knows where it ends. */
export interface Step {
  kind: 'step';
  field: string;
  type: CaptureTypeName;
  /** the literal that ends a `first`, `last` or `class-or-stop` capture; '' at the end of the line */
  stop: string;
  /** the stop is the literal tail at the end of the line */
  tail: boolean;
  /** the stop must occur once only, because an address follows text that a peer chose */
  unique: boolean;
}

/** @returns the template's captures and choices with a field, in order, without `_`. */
export function templateFields(template: Template): string[] {
  return template.parts.flatMap((part) => (part.kind !== 'literal' && part.field && part.field !== '_' ? [part.field] : []));
}
