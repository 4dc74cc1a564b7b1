/** Search macros: replaced in the text of a search before it is parsed. */
import type { Conf } from '../support/read-conf.js';

const CALL = /`([A-Za-z_]\w*)(?:\(((?:[^`"]|"(?:[^"\\]|\\.)*")*)\))?`/y;

/**
 * macros.conf.spec: "If the macro takes an argument, indicate this by appending the number of arguments to the macro name"; the arguments stand as
 * $name$ in the definition. Macros inside of quotes are left alone.
 * @param uses names of the macros that were expanded are added
 * @throws where there is no macro of that name and number of arguments
 */
export function expandMacros(search: string, macros: Conf, uses = new Set<string>(), depth = 0): string {
  if (depth > 20) throw new Error(`macros without end in: ${search.slice(0, 80)}`);
  let expanded = '';
  for (let at = 0; at < search.length;) {
    const char = search[at]!;
    if (char === '"') {
      const end = endOfQuote(search, at);
      expanded += search.slice(at, end);
      at = end;
    } else if (char === '\\') {
      expanded += search.slice(at, at + 2);
      at += 2;
    } else if (char === '`') {
      CALL.lastIndex = at;
      const found = CALL.exec(search);
      if (!found) throw new Error(`no macro at: ${search.slice(at, at + 60)}`);
      at = CALL.lastIndex;
      expanded += expandMacros(definitionOf(found[1]!, found[2], macros, uses), macros, uses, depth + 1);
    } else {
      expanded += char;
      at++;
    }
  }
  return expanded;
}

function definitionOf(name: string, argumentText: string | undefined, macros: Conf, uses: Set<string>): string {
  const values = argumentText === undefined ? [] : argumentText.split(',').map((value) => value.trim());
  const stanza = values.length ? `${name}(${values.length})` : name;
  const settings = macros.get(stanza);
  if (!settings) throw new Error(`no macro [${stanza}]`);
  uses.add(stanza);
  const names = (settings.get('args') ?? '')
    .split(',')
    .map((argument) => argument.trim())
    .filter(Boolean);
  if (names.length !== values.length) throw new Error(`[${stanza}] has ${names.length} args`);
  let definition = settings.get('definition')!;
  if (settings.get('iseval') === '1') throw new Error(`[${stanza}]: iseval is not emulated`);
  for (const [index, argument] of names.entries()) definition = definition.replaceAll(`$${argument}$`, values[index]!);
  return definition;
}

/** @returns the place behind the quote that begins at `from` */
export function endOfQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new Error(`a quote without end: ${text.slice(from, from + 60)}`);
}
