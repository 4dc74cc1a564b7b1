// Another parser of log lines that ours is measured against, run at its fastest: lines on standard input, JSON of those that match on standard output.

import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const TOOL = 'lognormalizer';
const PACKAGE = 'liblognorm-utils';

/** Ten rules written by hand for the lines that are most frequent: the least that liblognorm can be asked for. */
export const HAND_WRITTEN_RULEBASE = join(import.meta.dirname, 'liblognorm/charon.rulebase');

/** @returns what to do where it is missing; undefined where it is there */
export function missingPeer() {
  const found = (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, TOOL), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found
    ? undefined
    : `"${TOOL}" is missing, so nothing is compared with liblognorm. On Debian: apt-get install ${PACKAGE}`;
}

/** @param {string} rulebase @returns the command; -T names the rule that matched, as our output does, -p leaves out lines that no rule matches */
export function peerCommand(rulebase) {
  return [TOOL, '-r', rulebase, '-e', 'json', '-T', '-p'];
}

/** @param {string} rulebase @param {string} file @returns how many lines of the file match */
export function countMatches(rulebase, file) {
  const output = execFileSync('sh', ['-c', 'file=$1; shift; "$@" <"$file" | wc -l', 'sh', file, ...peerCommand(rulebase)], {
    encoding: 'utf8',
  });
  return Number(output);
}

/** It drops a rule that it cannot read and goes on. @param {string} rulebase @throws where it drops one */
export function checkRulebase(rulebase) {
  const output = execFileSync('sh', ['-c', '"$@" 2>&1 </dev/null', 'sh', ...peerCommand(rulebase)], { encoding: 'utf8' });
  if (/error/.test(output)) throw new Error(`Unexpected rulebase: ${output.split('\n')[0]}`);
}
