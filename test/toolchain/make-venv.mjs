import { join } from 'node:path';
import { missingTool, runTool } from './run-tool.mjs';

/**
 * @param {string} folder where the environment goes
 * @param {string} requirements the file that pins every package
 */
export async function makeVenv(folder, requirements) {
  await runTool('python3', ['-m', 'venv', folder]).catch((error) => {
    // Debian splits ensurepip off, and python3 says so in its output.
    throw /ensurepip|No module named venv/.test(error.message) ? missingTool('python3') : error;
  });
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
  await runTool(join(folder, 'bin/python'), [...pip, 'install', '--quiet', '-r', requirements]);
  await runTool(join(folder, 'bin/python'), [...pip, 'check']);
}
