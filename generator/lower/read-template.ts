/** Step 1 of lowering: a template's text becomes parts. Problems carry offsets within the template; the caller knows the file. */
import { CAPTURE_TYPES, type CaptureTypeName, captureType, inCharset, runsToStop } from '../model/capture-types.js';
import { type DiagnosticCode, didYouMean } from '../model/diagnostic.js';
import type { Capture, Part, Template } from '../model/template.js';

export interface TemplateProblem {
  code: DiagnosticCode;
  message: string;
  /** offsets in the template's text */
  start: number;
  end: number;
}

const CAPTURE = /^([a-z_][a-z0-9_]*):(.+)$/s;

/** @returns the template, and every problem of its syntax. A template with problems must not be used. */
export function readTemplate(source: string): { template: Template; problems: TemplateProblem[] } {
  const parts: Part[] = [];
  const problems: TemplateProblem[] = [];
  let position = 0;
  while (position < source.length) {
    const open = source.indexOf('%{', position);
    if (open !== position) addLiteral(parts, source.slice(position, open === -1 ? undefined : open));
    if (open === -1) break;
    const close = source.indexOf('}', open);
    if (close === -1) {
      problems.push({ code: 'template-syntax', message: 'This "%{" has no "}".', start: open, end: source.length });
      break;
    }
    const inside = source.slice(open + 2, close);
    const part = readHole(inside, open, close + 1, problems);
    if (part) parts.push(part);
    position = close + 1;
  }
  if (problems.length === 0) checkNeighbours(parts, source, problems);
  return { template: { source, parts }, problems };
}

function addLiteral(parts: Part[], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === 'literal') last.text += text;
  else if (text !== '') parts.push({ kind: 'literal', text });
}

function readHole(inside: string, start: number, end: number, problems: TemplateProblem[]): Part | undefined {
  const capture = CAPTURE.exec(inside);
  if (capture) {
    const [, field, type] = capture as unknown as [string, string, string];
    if (type.includes('|')) return { kind: 'choice', field, options: type.split('|'), at: start };
    if (Object.hasOwn(CAPTURE_TYPES, type)) return { kind: 'capture', field, type: type as CaptureTypeName, at: start };
    const at = start + 2 + field.length + 1;
    const message = `Unknown capture type "${type}".${didYouMean(type, Object.keys(CAPTURE_TYPES))}`;
    problems.push({ code: 'known-capture-type', message, start: at, end: at + type.length });
    return undefined;
  }
  if (inside.endsWith('?') && inside.length > 1) return { kind: 'choice', options: [inside.slice(0, -1), ''], at: start };
  if (inside.includes('|')) return { kind: 'choice', options: inside.split('|'), at: start };
  const message = `"%{${inside}}" is neither a capture "%{field:type}", nor "%{one|other}", nor "%{optional?}".`;
  problems.push({ code: 'template-syntax', message, start, end });
  return undefined;
}

/** Refuses what cannot be matched in one pass: captures without an end, and neighbours that could share bytes. */
function checkNeighbours(parts: Part[], source: string, problems: TemplateProblem[]): void {
  const seen = new Set<string>();
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'literal') continue;
    const end = source.indexOf('}', part.at) + 1;
    if (part.field && part.field !== '_') {
      if (seen.has(part.field)) {
        problems.push({ code: 'field-once', message: `The line captures "${part.field}" twice.`, start: part.at, end });
      }
      seen.add(part.field);
    }
    if (part.kind !== 'capture') continue;
    const next = parts[index + 1];
    const { takes } = captureType(part.type);
    if (takes === 'rest' && next) {
      const message = `"${part.type}" takes all that is left, but "${source.slice(end, end + 20)}" follows. Use "text".`;
      problems.push({ code: 'capture-needs-stop', message, start: part.at, end });
    }
    if ((runsToStop(part.type) || takes === 'class-or-stop') && next && next.kind === 'capture') {
      const message = `Nothing says where "${part.field}" ends and "${next.field}" begins. Put literal text between them.`;
      problems.push({ code: 'adjacent-captures', message, start: part.at, end: source.indexOf('}', next.at) + 1 });
    }
    if (runsToStop(part.type) && next?.kind === 'choice' && next.options.includes('')) {
      const message = `"${part.field}" is ended by text that may be missing. Write two lines instead.`;
      problems.push({ code: 'capture-needs-stop', message, start: part.at, end });
    }
    if (takes === 'address' && !startsWithColon(next)) {
      const message = `"${part.field}" of type "address" is ended by a colon, which must follow. Where none does, use "ip".`;
      problems.push({ code: 'capture-needs-stop', message, start: part.at, end });
    }
    if (takes === 'class' || takes === 'int' || takes === 'ip' || takes === 'service')
      checkClassEnd(part, next, source, problems);
  }
}

function startsWithColon(next: Part | undefined): boolean {
  return next?.kind === 'literal' && next.text.startsWith(':');
}

/** A class capture must not be followed by a byte of its own class: the run would swallow it. */
function checkClassEnd(part: Capture, next: Part | undefined, source: string, problems: TemplateProblem[]): void {
  if (!next) return;
  const starts =
    next.kind === 'literal'
      ? [next.text[0]!]
      : next.kind === 'choice'
        ? next.options.filter(Boolean).map((option) => option[0]!)
        : [];
  const charset =
    part.type === 'int' || part.type === 'service' ? '0-9' : part.type === 'ip' ? '0-9A-Fa-f:' : captureType(part.type).charset!;
  const end = source.indexOf('}', part.at) + 1;
  for (const start of starts) {
    if (!inCharset(charset, start.charCodeAt(0))) continue;
    const message = `"${part.field}" of type "${part.type}" would also take the "${start}" that follows it.`;
    problems.push({ code: 'capture-needs-stop', message, start: part.at, end });
  }
  if (next.kind !== 'capture') return;
  const nextType = captureType(next.type);
  const nextCharset = nextType.takes === 'int' ? '0-9-' : nextType.charset;
  const overlap = !nextCharset || [...Array(128).keys()].some((byte) => inCharset(charset, byte) && inCharset(nextCharset, byte));
  if (!overlap || nextType.takes === 'first') return;
  const message = `"${part.field}" and "${next.field}" touch and may take the same bytes. Put literal text between them.`;
  problems.push({ code: 'adjacent-captures', message, start: part.at, end: source.indexOf('}', next.at) + 1 });
}
