// What one run of a command costs: CPU time, wall time, peak memory.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * @typedef {object} Job
 * @property {string[]} command
 * @property {string} [stdin] a file
 * @property {string[]} [feed] a command whose output is the standard input; it is not measured
 * @property {Record<string, string>} [env]
 */

/**
 * @typedef {object} Cost
 * @property {number} wall seconds
 * @property {number} cpu seconds, user and system
 * @property {number} user
 * @property {number} system
 * @property {number} memory bytes at its peak; a process smaller than the meter (about 10 MB) shows the meter's
 * @property {number} exit
 * @property {string} stderr
 */

/** Runs the command on one core where the system can do that. @param {Job} job @param {number | undefined} core @returns {Cost} */
export function measure(job, core) {
  const asked = JSON.stringify({ ...job, core: core ?? null });
  return JSON.parse(execFileSync('python3', ['-I', '-S', join(import.meta.dirname, 'meter.py'), asked], { encoding: 'utf8' }));
}
