/**
 * The header of a record: one EXTRACT on _raw. It reads who wrote the record and leaves the line itself in `message`. The envelopes are tried in
 * the engine's order, and the first that fits is kept, as the engine keeps it.
 */
import { templateVariants } from '../../lower/variants.js';
import { type Envelope, type Pack, type Parser, peerControlledFields, readsEnvelope } from '../../model/pack.js';
import type { Template } from '../../model/template.js';
import { escapeRegex, variantRegex } from '../../regex/variant-regex.js';
import { tokensDiffer } from './disjoint-lines.js';
import { factorForms, numberGroups } from './factor-forms.js';
import { inEngineOrder, type Token, tokensOf } from './line-tokens.js';
import { wordTree } from './word-tree.js';

export interface Header {
  /** of a text, or of a text within a structured record */
  name: 'header' | 'record';
  regex: string;
  /** the fields that it captures, and the names that they have there: more than one where forms of the header have no part in common */
  names: Map<string, string[]>;
  /** the envelopes that name a program, up to it: for routing at index time */
  routes: string[];
}

/** @param nameOf the name that a header's field has: lines may capture the same one */
export function emitHeader(pack: Pack, parser: Parser, nameOf: (field: string) => string): Header {
  const own = formsOf(pack, parser.headers).filter((form) => form.length > 0);
  const envelopes = pack.envelopes.filter((envelope) => envelope.lines.length && readsEnvelope(pack, parser, envelope));
  const naming = envelopes.filter(namesProgram).flatMap(({ lines }) => linesOf(pack, lines));
  // where no other program's record looks alike, the source type says whose it is; else its header must
  const optional = ({ lines }: Envelope) => linesOf(pack, lines).every((a) => naming.every((b) => tokensDiffer(a, b)));
  const needed = `(?=[ ]*+(?:${factorForms(own, silentHeader)}))`;
  const open = envelopes.map((envelope) => {
    const form = factorForms(formsOf(pack, envelope.lines), (token) => envelopeHole(parser, token));
    return namesProgram(envelope) || optional(envelope) || !own.length ? form : form + needed;
  });
  const header = own.length ? `(?:${factorForms(own, (token) => variantHole(token, nameOf))})?[ ]*+` : '';
  const begins = beginsOf(parser);
  const { regex, names } = numberGroups(`\\A(?>${open.join('|')})[ ]*+${wrapperOf(pack)}${header}${begins}${messageOf(pack)}`);
  const ownNames = new Map(
    own.flat().flatMap(({ step }) => (step && step.field !== '_' ? [[nameOf(step.field), step.field]] : [])),
  );
  const silent = (envelope: Envelope) => factorForms(formsOf(pack, envelope.lines), (token) => silentHole(parser, token));
  return {
    name: 'header',
    regex,
    names: new Map([...names].map(([name, numbered]) => [ownNames.get(name) ?? name, numbered])),
    routes: envelopes
      .filter(namesProgram)
      .map((envelope) => silent(envelope) + (begins && `[ ]*+(?:${factorForms(own, silentHeader)})[ ]*+${begins}`)),
  };
}

/** @returns a look-ahead for messages that concern the parser; '' where all do */
function beginsOf({ begins }: Parser): string {
  return begins.length ? `(?=${wordTree(begins)})` : '';
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
function messageOf(pack: Pack): string {
  const tail = tailOf(pack);
  return tail ? `(?<message>[^\\n]+(?=(?(<repeat>)${escapeRegex(tail)})\\z))` : '(?<message>[^\\n]+)\\z';
}
