/** `ikeaudit load elastic`: the pack into a cluster, in order, and out again. */
import { readFileSync } from 'node:fs';
import { printDiagnostics } from '../check/print-diagnostic.js';
import { compile } from '../compile.js';
import { openClient } from '../deploy/http-client.js';
import { detectFlavour, loadCluster, LoadError, type Report, unloadCluster } from '../deploy/load-cluster.js';
import { loadKibana, unloadKibana } from '../deploy/load-kibana.js';
import { TARGETS } from '../targets/targets.js';
import { contentFolders } from './content-folders.js';
import { UsageError } from './usage-error.js';

export interface LoadElasticOptions {
  url: string;
  kibanaUrl?: string;
  apiKey?: string;
  user?: string;
  ca?: string;
  rawLines?: boolean;
  dryRun?: boolean;
  remove?: boolean;
  content?: string;
  quiet?: boolean;
}

/** @returns the exit code: 0, or 1 where something was refused */
export async function loadElasticCommand(options: LoadElasticOptions): Promise<number> {
  const common = { authorization: authorizationOf(options), ca: options.ca === undefined ? undefined : readCa(options.ca) };
  const cluster = openClient({ url: urlOf(options.url), ...common });
  const kibana =
    options.kibanaUrl === undefined
      ? undefined
      : openClient({ url: urlOf(options.kibanaUrl), ...common, headers: { 'kbn-xsrf': 'ikeaudit' } });
  const { pack, diagnostics, documents } = await compile(contentFolders(options.content));
  if (diagnostics.length) {
    process.stderr.write(`${printDiagnostics(diagnostics, documents)}\n\nNothing was loaded.\n`);
    return 1;
  }
  const files = await TARGETS.elastic!.emit(pack);
  const say = (line: string) => {
    if (!options.quiet) process.stderr.write(`${line}\n`);
  };
  try {
    const { flavour, version } = await detectFlavour(cluster);
    say(`${flavour === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${version} at ${options.url}`);
    const dryRun = options.dryRun === true;
    const print = options.quiet ? () => undefined : printLines;
    const rules = ['rules/ikeaudit.ndjson', ...(options.rawLines || options.remove ? ['rules/ikeaudit-raw-lines.ndjson'] : [])];
    const given = [
      rules.map((path) => String(files.get(path))).join(''),
      String(files.get('dashboards/ikeaudit.ndjson')),
    ] as const;
    // what Kibana shows names what the cluster holds: it goes first where things are taken out
    if (options.remove && kibana && !dryRun) print(await unloadKibana(kibana, ...given));
    const report = await (options.remove ? unloadCluster : loadCluster)(cluster, files, flavour, { dryRun, say });
    if (!options.quiet) printReport(report);
    for (const line of report.leftOut) process.stdout.write(`left out: ${line}\n`);
    if (!options.remove && kibana && !dryRun) print(await loadKibana(kibana, ...given));
    return 0;
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    process.stderr.write(`ikeaudit: ${error.message}\n`);
    return 1;
  }
}

function printReport({ done }: Report): void {
  const counts = new Map<string, number>();
  for (const { what } of done) counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { kind, name, what } of done) if (what !== 'unchanged') process.stdout.write(`${what}: ${kind} ${name}\n`);
  process.stdout.write(`${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}\n`);
}

function printLines(lines: string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function authorizationOf({ apiKey = process.env.IKEAUDIT_API_KEY, user }: LoadElasticOptions): string | undefined {
  if (user !== undefined) {
    const [name, ...rest] = user.split(':');
    const password = rest.length ? rest.join(':') : (process.env.IKEAUDIT_PASSWORD ?? '');
    return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  }
  return apiKey === undefined ? undefined : `ApiKey ${apiKey}`;
}

function urlOf(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new UsageError(`"${text}" is no URL: it begins with http:// or https://`);
  return text;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`Cannot read "${file}".`);
  }
}
