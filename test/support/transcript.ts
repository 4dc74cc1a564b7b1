/** Transcripts in Markdown are run: their files are written, their entries pasted, their commands executed, and the output compared. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const BLOCK = /(?:<!-- (file|below events: in)(?::)? (\S+) -->\n)?```(\w*)\n([\s\S]*?)```\n/g;

export interface Step {
  name: string;
  run: () => void;
}

/**
 * @param section Markdown
 * @param folder where it happens
 * @param ikeaudit runs the command with these arguments in the folder, and returns all that it printed
 */
export function transcriptSteps(section: string, folder: () => string, ikeaudit: (args: string[]) => string): Step[] {
  return [...section.matchAll(BLOCK)].flatMap(([, what, path, language, body]): Step[] => {
    if (what === 'file') return [{ name: `write ${path}`, run: () => write(join(folder(), path!), body!) }];
    if (what) return [{ name: `paste into ${path}`, run: () => paste(join(folder(), path!), body!) }];
    if (language !== 'console') return [];
    return commandsOf(body!).map(({ command, output }) => ({
      name: command,
      run: () => expect(ikeaudit(argumentsOf(command))).toMatch(patternOf(output)),
    }));
  });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function paste(file: string, entries: string): void {
  const before = readFileSync(file, 'utf8');
  expect(before).toMatch(/^events:\n/m);
  writeFileSync(
    file,
    before.replace(/^events:\n/m, (found) => found + entries),
  );
}

function commandsOf(body: string): { command: string; output: string }[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((part) => ({ command: part.slice(0, part.indexOf('\n')), output: part.slice(part.indexOf('\n') + 1) }));
}

function argumentsOf(command: string): string[] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!);
  const [npx, ikeaudit, ...args] = words;
  expect([npx, ikeaudit]).toEqual(['npx', 'ikeaudit']);
  return args;
}

/** `…` alone on a line stands for any lines, within a line for any text. */
function patternOf(expected: string): RegExp {
  const escaped = expected.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^\\s*${escaped.replace(/(^|\n)…(?=\n|$)/g, '$1[\\s\\S]*?').replace(/…/g, '[^\\n]*?')}\\s*$`);
}
