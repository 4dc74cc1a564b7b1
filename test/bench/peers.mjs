// Other parsers of log lines that ours is measured against, and how each is run at its fastest on a file.
// `node test/bench/peers.mjs` tells which are there, and names the Debian package of one that is not.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} tool
 * @property {string} debian its package
 * @property {string[]} args for lines on standard input, and JSON of those that match on standard output
 */

/** @type {Peer[]} */
export const peers = [
  {
    name: 'liblognorm',
    tool: 'lognormalizer',
    debian: 'liblognorm-utils',
    // -T names the rule that matched, as our output does. Without -p each line that no rule matches is printed too.
    args: ['-r', join(import.meta.dirname, 'liblognorm/charon.rulebase'), '-e', 'json', '-T', '-p'],
  },
];

/** Throws with the package to install. @param {Peer} peer */
export function requirePeer(peer) {
  if (!isInstalled(peer.tool)) throw new Error(`"${peer.tool}" is missing. On Debian: apt-get install ${peer.debian}`);
}

function isInstalled(tool) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const peer of peers) {
    try {
      requirePeer(peer);
      console.log(`${peer.name}: ${[peer.tool, ...peer.args].join(' ')} < FILE`);
    } catch (error) {
      console.error(`${peer.name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
