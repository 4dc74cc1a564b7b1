// What is run: each a whole process, from start to end, that writes to /dev/null.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOW } from './corpus.mjs';
import { HAND_WRITTEN_RULEBASE, peerCommand } from './peers.mjs';

/**
 * @typedef {object} Run
 * @property {string} id
 * @property {string} title
 * @property {'corpus' | 'no match' | 'start'} part
 * @property {import('./measure.mjs').Job} job
 * @property {number} [megabytes] that it reads, where it is not the corpus
 * @property {number} [lines] that it reads, where it is neither the corpus nor told by its megabytes
 * @property {boolean} [once] it takes long and is about memory
 */

const LINE = 'Jan  5 07:08:09 vpn-gw1 charon[810]: 12[IKE] 198.51.100.66 is initiating an IKE_SA';

/** The input of the runs that show whether memory grows with the input. */
export const LONG_MEGABYTES = 600;
export const FLOOD_ADDRESSES = 10_000_000;

/**
 * @param {object} from
 * @param {import('./corpus.mjs').Corpus} from.corpus
 * @param {string} from.cli
 * @param {string | undefined} from.rulebase undefined where liblognorm is missing
 * @param {string} from.folder for what the runs need
 * @returns {Run[]}
 */
export function listRuns({ corpus, cli, rulebase, folder }) {
  const one = join(folder, 'one-line.log');
  mkdirSync(folder, { recursive: true });
  writeFileSync(one, `${LINE}\n`);
  const ikeaudit = (...args) => [process.execPath, cli, ...args];
  const parse = (...args) => ikeaudit('parse', '--now', NOW, ...args);
  const audit = (...args) => ikeaudit('audit', '--quiet', '--now', NOW, ...args);
  const feedOf = (/** @type {string} */ script, /** @type {number} */ size) => [
    process.execPath,
    join(import.meta.dirname, script),
    String(size),
  ];
  // the engine keeps its tables in a cache: a private one, which the first round fills
  const env = { XDG_CACHE_HOME: join(folder, 'xdg-cache') };
  const peer = (/** @type {string} */ stdin, rules = rulebase) => ({ command: peerCommand(rules ?? ''), stdin });

  /** @type {Run[]} */
  const runs = [
    { id: 'wc', title: 'wc -l', part: 'corpus', job: { command: ['wc', '-l'], stdin: corpus.file } },
    { id: 'cat', title: 'cat', part: 'corpus', job: { command: ['cat', corpus.file] } },
    { id: 'peer', title: 'lognormalizer, the pack’s lines', part: 'corpus', job: peer(corpus.file) },
    { id: 'peer-ten', title: 'lognormalizer, ten lines', part: 'corpus', job: peer(corpus.file, HAND_WRITTEN_RULEBASE) },
    { id: 'parse', title: 'ikeaudit parse', part: 'corpus', job: { command: parse(corpus.file), env } },
    {
      id: 'parse-alone',
      title: 'ikeaudit parse --no-stitch',
      part: 'corpus',
      job: { command: parse('--no-stitch', corpus.file), env },
    },
    {
      id: 'parse-all',
      title: 'ikeaudit parse --no-stitch --include ignored',
      part: 'corpus',
      job: { command: parse('--no-stitch', '--include', 'ignored', corpus.file), env },
    },
    {
      id: 'parse-long',
      title: `ikeaudit parse - (${LONG_MEGABYTES} MB)`,
      part: 'corpus',
      job: {
        command: parse('-'),
        feed: feedOf('corpus.mjs', LONG_MEGABYTES),
        env,
      },
      megabytes: LONG_MEGABYTES,
      once: true,
    },
    { id: 'audit', title: 'ikeaudit audit', part: 'corpus', job: { command: audit(corpus.file), env } },
    {
      id: 'audit-long',
      title: `ikeaudit audit - (${LONG_MEGABYTES} MB)`,
      part: 'corpus',
      job: { command: audit('-'), feed: feedOf('corpus.mjs', LONG_MEGABYTES), env },
      megabytes: LONG_MEGABYTES,
      once: true,
    },
    {
      id: 'audit-flood',
      title: `ikeaudit audit - (${FLOOD_ADDRESSES.toLocaleString('en')} spoofed addresses)`,
      part: 'corpus',
      job: { command: audit('-'), feed: feedOf('flood.mjs', FLOOD_ADDRESSES), env },
      lines: FLOOD_ADDRESSES * 2,
      once: true,
    },
    {
      id: 'parse-start',
      title: 'ikeaudit parse, wrong at the first byte',
      part: 'no match',
      job: { command: parse(corpus.damagedStart), env },
    },
    {
      id: 'parse-end',
      title: 'ikeaudit parse, wrong at the last byte',
      part: 'no match',
      job: { command: parse(corpus.damagedEnd), env },
    },
    { id: 'peer-start', title: 'lognormalizer, wrong at the first byte', part: 'no match', job: peer(corpus.damagedStart) },
    { id: 'peer-end', title: 'lognormalizer, wrong at the last byte', part: 'no match', job: peer(corpus.damagedEnd) },
    { id: 'help', title: 'ikeaudit --help', part: 'start', job: { command: ikeaudit('--help'), env } },
    { id: 'explain', title: 'ikeaudit explain LINE', part: 'start', job: { command: ikeaudit('explain', LINE), env } },
    { id: 'one', title: 'ikeaudit parse, one line', part: 'start', job: { command: parse(one), env } },
    {
      id: 'one-cold',
      title: 'ikeaudit parse, one line, without its cache',
      part: 'start',
      // a file, so that nothing can be kept in it
      job: { command: parse(one), env: { XDG_CACHE_HOME: one } },
    },
    {
      id: 'build',
      title: 'ikeaudit build',
      part: 'start',
      job: { command: ikeaudit('build', '--out', join(folder, 'dist')), env },
    },
    {
      id: 'test',
      title: 'ikeaudit test strongswan.charon',
      part: 'start',
      job: { command: ikeaudit('test', 'strongswan.charon'), env },
    },
  ];
  return runs.filter(({ id }) => rulebase !== undefined || !id.startsWith('peer'));
}
