/** Splunk's own tests of add-ons, pytest-splunk-addon with its CIM models, against the emulator behind a mock of splunkd's REST. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Splunk } from './emulator/splunk.js';
import { addonSamples, RECORDINGS, sampleFiles } from './support/addon-samples.js';
import { files, pack } from './support/built.js';
import { Pcre } from './support/pcre.js';
import { Splunkd } from './support/splunkd.js';

const PYTHON = fileURLToPath(new URL('../../.cache/splunk-venv/bin/python', import.meta.url));
const OURS = fileURLToPath(new URL('pytest-splunk-addon/', import.meta.url));

/** Tests that fail, and why that is right or known. A data set's field is asked of each of its events. */
const EXCEPTIONS: [test: RegExp, reason: string][] = [
  [/test_requirements_fields\[.*aws_vpn/, 'known: the addresses in the name of a stream are not always read'],
  [
    /test_props_fields\[(suricata:ike::field::(dh_group|error_code)|zeek:ipsec::field::error_code)\]/,
    'known: see UNREAD in parsers.test.ts',
  ],
  [
    /test_props_fields\[(XmlWinEventLog::field::assigned_ip|azure:vpngateway::field::(ike_noise|ike_spi_[ir])|cisco:(asa|ios):ike::field::(subsystem|dest_port|dst_port))\]/,
    'no sample of this source type has it',
  ],
  [/::All_Sessions::dest_mac\]/, 'no VPN log has it'],
  [/::All_Sessions::user\]/, 'a site has no user, and lines about an SA seldom repeat the identity'],
  [
    /::All_Sessions::dest_ip\]/,
    'lines that name neither an address nor the other end; shipped records have what the engine stitched',
  ],
  [/_session_vpn"::All_Sessions::action\]/, 'a rekeying neither starts nor ends nor blocks a session'],
  [/::vendor_product\]/, 'a shipped record that names no program, as those of Windows'],
  [
    /::Authentication::(src|dest|user)\]/,
    'lines that do not name the peer, the gateway or the identity; shipped records have what the engine stitched',
  ],
  [/::IDS_Attacks::(src|dest|src_port|dest_port)\]/, 'likewise; a replayed ESP packet has no port'],
  [/::IDS_Attacks::transport\]/, 'no line says whether it was UDP, TCP or ESP'],
  [/::(Host_IDS_Attacks|Application_IDS_Attacks)\]/, 'all attacks are on the network'],
  [/::Device_Restarts\]/, 'the start of a daemon is not the restart of its device'],
  [
    /::All_Changes::(src|dest|user|command|object|object_id|object_attrs)\]/,
    'a daemon says that its configuration changed, not who changed what, nor how',
  ],
  [
    /::All_Changes::object_category\]/,
    'the search compares tag, which has several values, with one: what comes of it is not documented',
  ],
  [
    /::Alerts::(src|dest|user|id|signature_id)\]/,
    'the alarm of a daemon is about itself: no peer, no user, and few have a number',
  ],
  [
    /test_props_fields\[ikeaudit:cim::field::(event_type|event_category)\]/,
    "names of Elastic's schema, that a shipped record does not have",
  ],
  [/test_props_fields\[strongswan:charon::field::log_level\]/, 'only a logger that is set to print it has it'],
  [/test_props_fields\[strongswan:certexpire::field::outcome\]/, 'none of its events is a success or a failure'],
];

/** Searches that the emulator refuses, because the documents leave open what they find. */
const REFUSED = [/eval object_category_valid=if\(\(tag=="account"/];

let folder: string;
let pcre: Pcre;
let splunkd: Splunkd;
let report: Map<string, string>;

beforeAll(async () => {
  if (!existsSync(PYTHON)) throw new Error("Splunk's tools are not prepared. Run: node test/toolchain/prepare.mjs splunk-venv");
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-addon-'));
  const samples = await addonSamples(pack);
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of files) if (path.startsWith('TA-ikeaudit/')) write(path, content);
  for (const [path, content] of sampleFiles(pack, samples)) write(path, content);
  cpSync(OURS, folder, { recursive: true });
  const names = [...pack.fields.values()].flatMap(({ name, cim }) => [name, cim]);
  const common = [...files.get('TA-ikeaudit/default/props.conf')!.matchAll(/^EVAL-(\w+)/gm)].map(([, name]) => name!);
  write('fields.txt', [...new Set([...names, ...common])].join('\n'));

  pcre = await Pcre.create();
  const splunk = new Splunk(files, pcre);
  for (const [index, { raw, sourcetype }] of samples.entries()) {
    splunk.add({ raw, sourcetype, time: 1_795_500_000 + index, host: 'gw' }, sourcetype);
  }
  for (const { text, sourcetype } of RECORDINGS) splunk.index(text, { sourcetype, host: 'gw', now: 1_796_000_000 });
  splunkd = await Splunkd.start(splunk);
  report = await runTests(splunkd.port);
}, 900_000);

afterAll(async () => {
  await splunkd?.stop();
  pcre?.destroy();
  if (folder) rmSync(folder, { recursive: true });
});

/** @returns for each test that ran, why it failed; '' where it did not */
async function runTests(port: number): Promise<Map<string, string>> {
  const args = [
    '-m',
    'pytest',
    '-q',
    '-p',
    'no:cacheprovider',
    '-p',
    'no:xdist',
    '--tb=line',
    '--show-capture=no',
    '--junitxml=report.xml',
    '-o',
    'junit_logging=no',
  ];
  const marks =
    '(splunk_searchtime_fields or splunk_searchtime_cim) and not splunk_searchtime_internal_errors and not splunk_requirements_unit';
  const splunk = [
    ...['--splunk-app', 'TA-ikeaudit', '--splunk-data-generator', '.', '--ingest-events', 'false', '--discard-eventlogs'],
    ...['--splunkd-port', '--splunk-hec-port'].flatMap((option) => [option.replace('splunkd', 'splunk'), String(port)]),
    ...['--splunk-hec-scheme', 'http', '--splunk-hec-token', 'loopback'],
  ];
  const child = spawn(PYTHON, [...args, '-m', marks, ...splunk], { cwd: folder, env: { ...process.env, HOME: folder } });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  if (!existsSync(join(folder, 'report.xml'))) throw new Error(`pytest did not run:\n${output.slice(-4000)}`);
  return readReport(readFileSync(join(folder, 'report.xml'), 'utf8'));
}

function readReport(xml: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, body] of xml.matchAll(/<testcase [^>]*?\bname="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)) {
    if (body?.includes('<skipped')) continue;
    found.set(unescape(name!), unescape(/<(?:failure|error) message="([^"]*)"/.exec(body ?? '')?.[1] ?? ''));
  }
  return found;
}

function unescape(text: string): string {
  return text
    .replace(/&#(?:10|x0?A);/g, '\n')
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name]!);
}

it('understands every search, but for one', () => {
  expect(splunkd.refused.filter((search) => !REFUSED.some((pattern) => pattern.test(search)))).toEqual([]);
});

it('passes, but for what is said here', () => {
  const failed = [...report].filter(([, message]) => message !== '');
  const unexpected = failed.filter(([test]) => !EXCEPTIONS.some(([pattern]) => pattern.test(test)));
  expect(unexpected.map(([test, message]) => `${test}: ${message.trim().split('\n')[0]}`)).toEqual([]);
});

it('lists no exception that is none', () => {
  const idle = EXCEPTIONS.filter(([pattern]) => ![...report].some(([test, message]) => message !== '' && pattern.test(test)));
  expect(idle.map(([pattern]) => String(pattern))).toEqual([]);
});

it('asks for something', () => {
  const count = (begin: string) => [...report.keys()].filter((test) => test.startsWith(begin)).length;
  expect(count('test_props_fields[')).toBeGreaterThan(500);
  expect(count('test_cim_required_fields[')).toBeGreaterThan(50);
  expect(count('test_datamodels[')).toBeGreaterThan(100);
});
