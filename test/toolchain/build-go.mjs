import { join } from 'node:path';
import { runTool } from './run-tool.mjs';

/**
 * Builds the Go program in `source` as `folder/NAME`. go.sum pins every module.
 * @param {string} source
 * @param {string} folder
 * @param {string} name
 */
export async function buildGo(source, folder, name) {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  await runTool('go', ['build', '-trimpath', '-o', join(folder, name), '.'], { cwd: source, env });
}
