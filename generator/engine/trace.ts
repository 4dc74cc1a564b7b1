/** How far a text agrees with a line, for diagnostics and `explain`. Slow and thorough; not used for parsing. */
import { templateVariants } from '../lower/variants.js';
import type { Entry } from '../model/pack.js';
import { runsToStop } from '../model/capture-types.js';
import type { Template, Variant } from '../model/template.js';
import { compileMatcher } from './compile-matcher.js';
import { Core } from './core.js';

export interface Trace {
  matches: boolean;
  /** characters of the text that agree with the line */
  stop: number;
  /** what the line has at that place: a literal in quotes, or a capture's type */
  expected: string;
}

/** @returns the trace of the variant that gets furthest. */
export function traceTemplate(template: Template, text: string, peerControlled: ReadonlySet<string>): Trace {
  return traceIn(new Core(), template, text, peerControlled);
}

function traceIn(core: Core, template: Template, text: string, peerControlled: ReadonlySet<string>): Trace {
  return templateVariants(template, peerControlled)
    .map((variant) => traceVariant(core, variant, text))
    .reduce((best, trace) => (trace.matches || (!best.matches && trace.stop > best.stop) ? trace : best));
}

/** @returns the entry whose line gets furthest into the text, or undefined where none agrees with even a few characters. */
export function nearestEntry(
  entries: Entry[],
  text: string,
  peerControlled: ReadonlySet<string>,
): { entry: Entry; trace: Trace } | undefined {
  let best: { entry: Entry; trace: Trace } | undefined;
  const core = new Core();
  for (const entry of entries) {
    const trace = traceIn(core, entry.template, text, peerControlled);
    if (!best || trace.stop > best.trace.stop) best = { entry, trace };
  }
  return best && best.trace.stop > 3 ? best : undefined;
}

function traceVariant(core: Core, variant: Variant, text: string): Trace {
  const bytes = Buffer.from(text);
  /** @returns where the first `count` parts end, or -1 */
  const endOf = (count: number): number => {
    if (count === 0) return 0;
    const parts = variant.parts.slice(0, count);
    const last = parts.at(-1)!;
    // a capture that runs to a literal needs it; the literal is then part of the match
    if (last.kind === 'step' && runsToStop(last.type) && variant.parts[count]) parts.push(variant.parts[count]!);
    const open = parts.map((part) => (part.kind === 'step' ? { ...part, field: '_', tail: false } : part));
    if (last.kind === 'step' && runsToStop(last.type) && last.stop === '') return open.length && whole(open) ? bytes.length : -1;
    const rest = { kind: 'step' as const, field: 'rest', type: 'rest' as const, stop: '', tail: false, unique: false };
    const matcher = compileMatcher(
      [
        { variant: { parts: open, chosen: {} }, leaf: 0 },
        { variant: { parts: [...open, rest], chosen: {} }, leaf: 1 },
      ],
      (field) => (field === 'rest' ? 0 : -1),
    );
    const leaf = core.matchText(matcher, bytes);
    return leaf === 0 ? bytes.length : leaf === 1 ? core.starts[0]! - core.text.at : -1;
  };
  const whole = (parts: Variant['parts']) =>
    core.matchText(
      compileMatcher([{ variant: { parts, chosen: {} }, leaf: 0 }], () => -1),
      bytes,
    ) === 0;

  if (whole(variant.parts.map((part) => (part.kind === 'step' ? { ...part, field: '_' } : part)))) {
    return { matches: true, stop: text.length, expected: '' };
  }
  let reached = 0;
  for (let count = 1; count <= variant.parts.length; count++) {
    const part = variant.parts[count - 1]!;
    const end = endOf(count);
    if (end >= 0) {
      reached = end;
      continue;
    }
    const characters = bytes.toString('utf8', 0, reached).length;
    if (part.kind === 'step') {
      const expected =
        part.stop && text.indexOf(part.stop, characters) < 0 ? JSON.stringify(part.stop) : `%{${part.field}:${part.type}}`;
      return { matches: false, stop: characters, expected };
    }
    let agreed = 0;
    while (agreed < part.text.length && text[characters + agreed] === part.text[agreed]) agreed++;
    return { matches: false, stop: characters + agreed, expected: JSON.stringify(part.text.slice(agreed)) };
  }
  return { matches: false, stop: bytes.toString('utf8', 0, reached).length, expected: 'the end of the line' };
}
