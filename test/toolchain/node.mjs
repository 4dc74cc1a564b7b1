// A search engine for tests, on a free port of 127.0.0.1 and with data of its own, so that several can run beside each other.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './prepare-part.mjs';
import { missingTool } from './run-tool.mjs';
import { isRunning } from './take-lock.mjs';

/** Half the time to start goes into compiling what a test never runs hot. */
const fastStart = ['-Xms512m', '-Xmx1g', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

const patience = 120_000;

const dataPrefix = 'ikeaudit-node-';

/**
 * @typedef {object} RunningNode
 * @property {string} url without a slash at its end
 * @property {number} pid
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a node that `prepare.mjs` laid out, and returns when it answers. It stops with `stop()`, and at the latest with
 * the process that started it. For one node in a vitest run, start it in a `globalSetup` and `provide` its url.
 * @param {string} name of the part, such as "opensearch-2.19.6"
 * @param {{ port?: number, jvm?: string[] }} [options] other flags of the JVM, for whoever measures speed
 * @returns {Promise<RunningNode>}
 */
export async function startNode(name, { port = 0, jvm = fastStart } = {}) {
  const home = join(cacheFolder, name);
  if (!existsSync(`${home}.stamp`)) throw new Error(`"${name}" is not prepared. Run: node test/toolchain/prepare.mjs ${name}`);

  sweep();
  const data = mkdtempSync(join(tmpdir(), `${dataPrefix}${process.pid}-`));
  const settings = {
    'path.data': join(data, 'data'),
    'path.logs': join(data, 'logs'),
    'http.port': port,
    'transport.port': 0,
    // The serial collector lets garbage stand until the heap is full, which a breaker on the heap's real use takes for a shortage.
    'indices.breaker.total.use_real_memory': 'false',
  };
  const child = spawn(
    'java',
    [
      ...jvm,
      `-Djava.io.tmpdir=${data}`,
      `-cp`,
      `${join(home, 'classes')}:${join(home, 'lib/*')}`,
      'Main',
      home,
      ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    ],
    // It reads its standard input to the end, which comes when this process ends, however it does.
    { cwd: data, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  child.stdin.on('error', () => {});

  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-100_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.code === 'ENOENT' ? missingTool('java') : error));
    child.once('exit', (code, signal) => resolve(new Error(`"${name}" ended with ${signal ?? code}:\n${output.slice(-4000)}`)));
  });

  // A test that throws away its process leaves no data behind.
  const clean = () => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  };
  process.once('exit', clean);
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
    process.off('exit', clean);
    clean();
  };

  try {
    const url = await Promise.race([ended.then((error) => Promise.reject(error)), answering(() => output)]);
    return { url, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address that the node says it got, once a request to it succeeds. @param {() => string} output */
async function answering(output) {
  for (const start = Date.now(); Date.now() - start < patience; await sleep(50)) {
    const address = /publish_address \{(127\.0\.0\.1:\d+)\}/.exec(output())?.[1];
    if (address === undefined) continue;
    const response = await fetch(`http://${address}/_cluster/health`).catch(() => undefined);
    if (response?.ok) return `http://${address}`;
  }
  throw new Error(`The node did not answer within ${patience / 1000} s:\n${output().slice(-4000)}`);
}

/** Data of nodes whose starter was killed, and could not remove it. */
function sweep() {
  for (const folder of readdirSync(tmpdir())) {
    if (!folder.startsWith(dataPrefix)) continue;
    const owner = Number.parseInt(folder.slice(dataPrefix.length), 10);
    if (!isRunning(owner)) rmSync(join(tmpdir(), folder), { recursive: true, force: true });
  }
}
