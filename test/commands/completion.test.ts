/** The script of bash is run by bash: what it offers after the words of a command line. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const script = (shell: string) => spawnSync(process.execPath, ['lib/cli.js', 'completion', shell], { encoding: 'utf8' }).stdout;
const bash = script('bash');

/** @param words of the command line, the last one up to the cursor. @returns what is offered; undefined where files are */
function complete(...words: string[]): string[] | undefined {
  const given = words.map((word) => `'${word}'`).join(' ');
  // compopt asks readline, which is not there: here it says what it was told
  const test = `compopt() { echo "compopt $*"; }
COMP_WORDS=(${given}); COMP_CWORD=${words.length - 1}; _ikeaudit; [ \${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${bash}\n${test}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout === '' ? undefined : stdout.trim().split('\n');
}

describe('bash offers', () => {
  test.each([
    [['ikeaudit', 'au'], ['audit']],
    [
      ['ikeaudit', 'e'],
      ['evidence', 'explain'],
    ],
    [['ikeaudit', 'load', ''], ['elastic']],
    [
      ['ikeaudit', 'new', ''],
      ['parser', 'detection'],
    ],
    [
      ['ikeaudit', 'completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['ikeaudit', 'audit', '--format', ''],
      ['text', 'json', 'html'],
    ],
    [['ikeaudit', 'audit', '--fail-on', 'h'], ['high']],
    [
      ['ikeaudit', 'parse', '--format', ''],
      ['neutral', 'ecs', 'cim'],
    ],
    [
      ['ikeaudit', 'build', '--target', 's'],
      ['splunk', 'sigma'],
    ],
    [['ikeaudit', 'audit', 'gateway.log', '--no'], ['--now']],
    [['ikeaudit', 'load', 'elastic', '--dry'], ['--dry-run']],
    [['ikeaudit', '--v'], ['--version']],
    [['ikeaudit', 'check', '--h'], ['--help']],
  ])('after %j: %j', (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });

  test.each([
    [['ikeaudit', 'audit', '']],
    [['ikeaudit', 'audit', 'gate']],
    [['ikeaudit', 'audit', '--settings', '']],
    [['ikeaudit', 'explain', '']],
  ])('files after %j', (words) => {
    expect(complete(...words)).toBeUndefined();
  });

  test.each([
    [['ikeaudit', 'build', '--out', ''], ['compopt -o plusdirs +o default']],
    [['ikeaudit', 'audit', '--zone', ''], ['compopt +o default']],
  ])('after %j folders, or nothing', (words, told) => {
    expect(complete(...words)).toEqual(told);
  });

  test('nothing that a word on the line could run', () => {
    expect(complete('ikeaudit', '$(touch /tmp/ikeaudit-was-run)', 'x')).toBeUndefined();
  });
});

test.each(['bash', 'zsh', 'fish'])('the script of %s names every command', (shell) => {
  const text = script(shell);
  for (const name of ['audit', 'evidence', 'parse', 'check', 'build', 'release', 'load', 'elastic', 'completion'])
    expect(text, name).toMatch(new RegExp(`\\b${name}\\b`));
});
