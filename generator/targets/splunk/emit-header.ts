/**
 * The header of a record: one EXTRACT on _raw for each envelope. It reads who wrote the record and leaves the line itself in `message`.
 *
 * The forms exclude each other, so that one of these EXTRACTs at most matches (which value wins where two give the same field is not documented).
 * Where that cannot be proven, a look-ahead sees to it.
 */
import { templateVariants } from '../../lower/variants.js';
import { type Envelope, type Pack, type Parser, peerControlledFields, readsEnvelope } from '../../model/pack.js';
import type { Template } from '../../model/template.js';
import { escapeRegex, variantRegex } from '../../regex/variant-regex.js';
import { tokensDiffer } from './disjoint-lines.js';
import { factorForms, numberGroups } from './factor-forms.js';
import { inEngineOrder, type Token, tokensOf } from './line-tokens.js';

export interface Header {
  /** the envelope's name */
  name: string;
  regex: string;
  /** the fields that it captures, and the names that they have there: more than one where forms of the header have no part in common */
  fields: { field: string; names: string[] }[];
  /** the envelope alone, up to the program: for routing at index time; undefined where the envelope names no program */
  route: string | undefined;
}

/** @param nameOf the name that a header's field has: lines may capture the same one */
export function emitHeaders(pack: Pack, parser: Parser, nameOf: (field: string) => string): Header[] {
  const own = formsOf(pack, parser.headers).filter((form) => form.length > 0);
  const headerFields = new Set(own.flat().flatMap(({ step }) => (step && step.field !== '_' ? [step.field] : [])));
  const envelopes = pack.envelopes.filter((envelope) => envelope.lines.length && readsEnvelope(pack, parser, envelope));
  const naming = envelopes.filter(namesProgram).flatMap(({ lines }) => linesOf(pack, lines));
  // where no other program's record looks alike, the source type says whose it is; else its header must
  const optional = (envelope: Envelope) =>
    namesProgram(envelope) || linesOf(pack, envelope.lines).every((a) => naming.every((b) => tokensDiffer(a, b)));
  const whole = envelopes.map((envelope) => {
    const forms = formsOf(pack, envelope.lines);
    return optional(envelope) || !own.length ? forms : forms.flatMap((form) => own.map((header) => [...form, ...header]));
  });
  return envelopes.map((envelope, index): Header => {
    const forms = formsOf(pack, envelope.lines);
    const silent = factorForms(forms, (token) => silentHole(parser, token));
    // without a header of its own, anything may follow what names no program
    const mayMeet = own.length === 0 && !namesProgram(envelope);
    const guards = whole
      .slice(0, index)
      .filter((earlier) => mayMeet || !earlier.every((a) => whole[index]!.every((b) => tokensDiffer(a, b))));
    const open = factorForms(forms, (token) => envelopeHole(parser, token));
    const header = factorForms(own, (token) => variantHole(token, nameOf));
    const begins = beginsOf(parser);
    const unnumbered = `\\A${guards.map((forms) => `(?!${factorForms(forms, (token) => silentHole(parser, token))})`).join('')}${open}[ ]*+${
      (namesProgram(envelope) ? wrapperOf(pack) : '') + (optional(envelope) ? `(?:${header})?` : header)
    }[ ]*+${begins}${messageOf(pack, namesProgram(envelope))}`;
    const { regex, names } = numberGroups(unnumbered);
    const ownNames = new Map([...headerFields].map((field) => [nameOf(field), field]));
    for (const [name, numbered] of names)
      if (numbered.length > 1 && !ownNames.has(name))
        throw new Error(`Unexpected forms of envelope "${envelope.name}": one regex would capture "${name}" twice`);
    const fields = [...names].map(([name, numbered]) => ({ field: ownNames.get(name) ?? name, names: numbered }));
    return {
      name: envelope.name,
      regex,
      fields,
      route: namesProgram(envelope) ? silent + (begins && `[ ]*+(?:${factorForms(own, silentHeader)})[ ]*+${begins}`) : undefined,
    };
  });
}

/** @returns a look-ahead for messages that concern the parser; '' where all do */
function beginsOf({ begins }: Parser): string {
  return begins.length ? `(?=${begins.map(escapeRegex).join('|')})` : '';
}

function silentHeader(token: Token): string {
  return token.key.slice(1);
}

function namesProgram({ lines }: Envelope): boolean {
  return lines.some(({ parts }) => parts.some((part) => part.kind === 'capture' && part.field === 'program'));
}

/** Token sequences of header templates without the message, in the engine's order. */
function formsOf(pack: Pack, templates: Template[]): Token[][] {
  return linesOf(pack, templates).map((tokens) =>
    tokens.slice(0, -1).map((token) => (token.step?.field === 'program' ? { ...token, key: '\0program' } : token)),
  );
}

function linesOf(pack: Pack, templates: Template[]): Token[][] {
  const variants = templates.flatMap((template) =>
    templateVariants(template, peerControlledFields(pack)).map((variant) => ({ variant })),
  );
  return inEngineOrder(variants).map(({ variant }) => tokensOf(variant));
}

function programs(parser: Parser): string {
  return [...parser.programs]
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map(escapeRegex)
    .join('|');
}

function silentHole(parser: Parser, token: Token): string {
  return token.step!.field === 'program' ? `(?:${programs(parser)})` : token.key.slice(1);
}

function envelopeHole(parser: Parser, token: Token): string {
  const { field } = token.step!;
  if (field === 'program') return `(?<program>${programs(parser)})`;
  return field === 'pid' ? variantHole(token, (name) => name) : token.key.slice(1);
}

function variantHole(token: Token, nameOf: (field: string) => string): string {
  const step = token.step!;
  if (step.field === '_') return token.key.slice(1);
  return variantRegex({ parts: [step], chosen: {} }, () => nameOf(step.field), '');
}

/** `message repeated 3 times: [ … ]`: the line inside is the message. */
function wrapperOf(pack: Pack): string {
  const [wrapper] = pack.wrappers;
  if (!wrapper) return '';
  const [variant] = templateVariants(wrapper.line, new Set());
  const tokens = tokensOf(variant!);
  const print = (token: Token) => (token.step!.field === 'repeat' ? variantHole(token, () => 'repeat') : '');
  return `(?:${factorForms([tokens.slice(0, -1)], print)}(?=[^\\n]*${escapeRegex(tailOf(pack))}\\z)[ ]*+)?`;
}

function tailOf(pack: Pack): string {
  const last = pack.wrappers[0]?.line.parts.at(-1);
  return last?.kind === 'literal' ? last.text : '';
}

/** To the end of the record; in a wrapper, to the end of what is wrapped. */
function messageOf(pack: Pack, wrapped: boolean): string {
  const tail = tailOf(pack);
  return wrapped && tail ? `(?<message>[^\\n]+(?=(?(<repeat>)${escapeRegex(tail)})\\z))` : '(?<message>[^\\n]+)\\z';
}
