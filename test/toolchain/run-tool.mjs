import { spawn } from 'node:child_process';

/** Where Debian has what we need; others find it under much the same name. */
const debianPackages = {
  python3: 'python3 python3-venv',
  java: 'openjdk-17-jdk-headless',
  javac: 'openjdk-17-jdk-headless',
  mvn: 'maven',
  go: 'golang-go (1.26 or later)',
};

/**
 * Runs a tool to its end. Its output is shown only where it fails: these tools say much, and little of it matters.
 * @param {string} tool
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} what it printed
 */
export function runTool(tool, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(error.code === 'ENOENT' ? missingTool(tool) : error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`"${[tool, ...args].join(' ')}" ended with ${signal ?? code}:\n${output.slice(-4000).trimEnd()}`));
    });
  });
}

/** @param {string} tool */
export function missingTool(tool) {
  const name = debianPackages[tool];
  return new Error(`"${tool}" is missing.` + (name === undefined ? '' : ` On Debian: apt-get install ${name}`));
}
