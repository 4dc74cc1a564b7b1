/** `ikeaudit completion`: the script that completes commands, options and their values in a shell, made from the commands as they are declared. */
import type { Command, Option } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/** A command as a completion needs it. */
interface Node {
  /** words that lead to it, from the program's name on */
  path: string;
  commands: { name: string; description: string }[];
  options: Choice[];
  /** what may stand where no option does; files where there is none */
  words: string[];
  /** it reads files, or takes names */
  takesArguments: boolean;
}

interface Choice {
  flag: string;
  description: string;
  /** what follows it: nothing, one of some words, a file, a folder, or a text */
  value: 'none' | 'file' | 'folder' | 'text' | string[];
}

/** @returns the script, to be sourced by the shell */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = nodesBelow(program, program.name());
  return { bash: printBash, zsh: printZsh, fish: printFish }[shell](program.name(), nodes);
}

function nodesBelow(command: Command, path: string): Node[] {
  const node: Node = {
    path,
    commands: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    options: [...command.options.filter(({ hidden }) => !hidden).map(choiceOf), HELP],
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    takesArguments: command.registeredArguments.length > 0,
  };
  return [node, ...command.commands.flatMap((child) => nodesBelow(child, `${path} ${child.name()}`))];
}

const HELP: Choice = { flag: '--help', description: 'display help for command', value: 'none' };

function choiceOf({ long, description, required, optional, argChoices, flags }: Option): Choice {
  const named = /<(\w+)/.exec(flags)?.[1];
  const value = argChoices ?? (named === 'file' ? 'file' : named === 'dir' ? 'folder' : 'text');
  return { flag: long!, description, value: required || optional ? value : 'none' };
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Walks along the words before the cursor to the command that they name. */
function printBash(program: string, nodes: Node[]): string {
  const steps = nodes.slice(1).map(({ path }) => `      ${quote(path)}) path=${quote(path)} ;;`);
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .map(({ flag, value }) => `    ${quote(`${path} ${flag}`)}) ${bashValue(value)}; return ;;`),
  );
  const words = nodes.flatMap(({ path, options, commands, words: own }) => [
    `    ${quote(`${path}:-`)}) ${bashWords(options.map(({ flag }) => flag))} ;;`,
    ...(commands.length || own.length
      ? [`    ${quote(`${path}:`)}*) ${bashWords([...commands.map(({ name }) => name), ...own])} ;;`]
      : []),
  ]);
  return `# bash completion for ${program}: source it, or put it into ~/.local/share/bash-completion/completions/${program}
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path=${quote(program)} i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
${steps.join('\n')}
    esac
  done
  case "$path $prev" in
${values.join('\n')}
  esac
  case "$path:\${cur:0:1}" in
${words.join('\n')}
  esac
}
complete -o default -F _${program} ${program}
`;
}

function bashValue(value: Choice['value']): string {
  if (Array.isArray(value)) return bashWords(value);
  if (value === 'folder') return 'compopt -o plusdirs +o default';
  return value === 'file' ? ':' : 'compopt +o default';
}

function bashWords(words: string[]): string {
  return `COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$cur"))`;
}

function printZsh(program: string, nodes: Node[]): string {
  const steps = nodes.slice(1).map(({ path }) => `      ${quote(path)}) at=${quote(path)} ;;`);
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .map(({ flag, value }) => `    ${quote(`${path} ${flag}`)}) ${zshValue(value)}; return ;;`),
  );
  const described = (pairs: [string, string][]) =>
    pairs.map(([name, text]) => quote(`${name.replaceAll(':', '\\:')}:${text}`)).join(' ');
  const words = nodes.flatMap(({ path, options, commands, words: own }) => {
    const offered = [
      ...commands.map(({ name, description }): [string, string] => [name, description]),
      ...own.map((word): [string, string] => [word, '']),
    ];
    return [
      `    ${quote(`${path}:-`)}) offered=(${described(options.map(({ flag, description }) => [flag, description]))}); _describe option offered ;;`,
      `    ${quote(`${path}:`)}*) ${offered.length ? `offered=(${described(offered)}); _describe command offered || _files` : '_files'} ;;`,
    ];
  });
  return `#compdef ${program}
# zsh completion for ${program}: put it as _${program} into a folder of $fpath
_${program}() {
  local at=${quote(program)} word
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
${steps.join('\n')}
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$at:\${words[CURRENT][1]}" in
${words.join('\n')}
  esac
}
if [ "$funcstack[1]" = _${program} ]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function zshValue(value: Choice['value']): string {
  if (Array.isArray(value)) return `compadd -- ${value.map(quote).join(' ')}`;
  return value === 'folder' ? '_files -/' : value === 'file' ? '_files' : ':';
}

function printFish(program: string, nodes: Node[]): string {
  const lines = nodes.flatMap(({ path, commands, options, words, takesArguments }) => {
    const [, ...names] = path.split(' ');
    const seen = names.map((name) => `__fish_seen_subcommand_from ${name}`);
    const own = commands.length ? [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`] : [];
    const condition = quote([...seen, ...own].join('; and '));
    const line = (rest: string) => `complete -c ${program} -n ${condition} ${rest}`;
    return [
      ...(takesArguments && words.length === 0 ? [] : [line('-f')]),
      ...commands.map(({ name, description }) => line(`-a ${name} -d ${quote(description)}`)),
      ...(words.length ? [line(`-a ${quote(words.join(' '))}`)] : []),
      ...options.map(({ flag, description, value }) => line(`-l ${flag.slice(2)} ${fishValue(value)}-d ${quote(description)}`)),
    ];
  });
  return `# fish completion for ${program}: put it into ~/.config/fish/completions/${program}.fish\n${lines.join('\n')}\n`;
}

function fishValue(value: Choice['value']): string {
  if (Array.isArray(value)) return `-x -a ${quote(value.join(' '))} `;
  return { none: '', file: '-r -F ', folder: "-x -a '(__fish_complete_directories)' ", text: '-x ' }[value];
}
