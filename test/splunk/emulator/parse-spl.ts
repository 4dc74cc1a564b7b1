/** The pipeline of a search: commands between bars, and what stands behind their names. */
import { endOfQuote } from './expand-macros.js';

export interface Command {
  name: string;
  rest: string;
}

/** @returns the commands; a search that begins with no bar begins with `search` */
export function parsePipeline(search: string): Command[] {
  const parts = splitOutside(search, '|').map((part) => part.trim());
  const generating = parts[0] === '';
  const commands = (generating ? parts.slice(1) : parts).map((part, index): Command => {
    if (index === 0 && !generating && !/^search\s/.test(part)) return { name: 'search', rest: part };
    const [, name, rest] = /^(\w+)\s*(.*)$/s.exec(part) ?? [];
    if (name === undefined) throw new Error(`no command: "${part.slice(0, 60)}"`);
    return { name, rest: rest! };
  });
  if (commands.length === 0) throw new Error('an empty search');
  return commands;
}

/** Splits where a character stands outside of quotes, parentheses and subsearches. A backslash takes the meaning of what follows. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') at = endOfQuote(text, at) - 1;
    else if (char === '\\') at++;
    else if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    else if (char === separator && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  if (depth !== 0) throw new Error(`unbalanced parentheses in: ${text.slice(0, 120)}`);
  return [...parts, text.slice(from)];
}

/** Takes `name=value` options from the words of a command. Only those that are named may be there. */
export function takeOptions(rest: string, names: string[]): { options: Record<string, string>; rest: string } {
  const options: Record<string, string> = {};
  let left = rest.trim();
  for (;;) {
    // the one option whose value is written with quoted parentheses: reset_after="("<expression>")"
    const reset = /^(reset_after|reset_before)="\("(.*?)"\)"\s*/s.exec(left);
    const found = reset ?? /^(\w+)=([^\s"(,]+)\s*/.exec(left);
    if (!found || !names.includes(found[1]!)) return { options, rest: left };
    options[found[1]!] = found[2]!;
    left = left.slice(found[0].length);
  }
}

/** Splits `count AS n max(t) AS m BY a, b` into its parts. Commas between them may be left out. */
export function splitStatistics(rest: string): { functions: string[]; by: string[] } {
  const at = / BY /i.exec(rest);
  const functions = at ? rest.slice(0, at.index) : rest;
  const by = at
    ? rest
        .slice(at.index + 4)
        .split(/[\s,]+/)
        .filter(Boolean)
    : [];
  const found: string[] = [];
  const FUNCTION = /\s*,?\s*([a-z]+)/iy;
  for (let i = 0; i < functions.length;) {
    if (functions.slice(i).trim() === '') break;
    FUNCTION.lastIndex = i;
    const name = FUNCTION.exec(functions);
    if (!name) throw new Error(`no statistical function in: ${functions.slice(i)}`);
    let end = FUNCTION.lastIndex;
    if (functions[end] === '(') {
      const begin = end;
      for (let depth = 0; end < functions.length; end++) {
        if (functions[end] === '"') end = endOfQuote(functions, end) - 1;
        else if (functions[end] === '(') depth++;
        else if (functions[end] === ')' && --depth === 0) break;
      }
      if (end >= functions.length) throw new Error(`unbalanced parentheses in: ${functions.slice(begin)}`);
      end++;
    }
    const as = /\s+AS\s+\w+/iy;
    as.lastIndex = end;
    if (as.test(functions)) end = as.lastIndex;
    found.push(functions.slice(i, end).replace(/^[\s,]+/, ''));
    i = end;
  }
  if (found.length === 0) throw new Error(`no statistical function in: ${rest}`);
  return { functions: found, by };
}
