import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { charonLog } from '../support/parse-text.js';

const CLI = 'lib/cli.js';
const INIT = (thread: number) =>
  charonLog(`${String(thread).padStart(2, '0')}[IKE] 198.51.100.${thread} is initiating an IKE_SA`);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function ikeaudit(args: string[], input?: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { input, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('parse', () => {
  test('reads standard input, writes NDJSON to standard output and the counts to standard error', () => {
    const { status, stdout, stderr } = ikeaudit(['parse', '-'], `${INIT(1)}\n${INIT(2)}\n`);
    expect(status).toBe(0);
    const peers = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).peer_ip);
    expect(peers).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(stderr).toBe('2 records read: 2 events, 0 ignored, 0 unparsed, 0 of other programs\n');
  });

  test('ECS and CIM names', () => {
    const ecs = JSON.parse(ikeaudit(['parse', '--format', 'ecs', '-'], INIT(1)).stdout);
    expect(ecs).toMatchObject({
      'source.ip': '198.51.100.1',
      'event.action': 'ike_init_received',
      'event.dataset': 'ikev2.charon',
    });
    expect(JSON.parse(ikeaudit(['parse', '--format', 'cim', '-'], INIT(1)).stdout)).toMatchObject({ src: '198.51.100.1' });
  });

  test('a file that is not there does not stop the others, and ends with 2', () => {
    const file = join(folder, 'there.log');
    writeFileSync(file, INIT(1));
    const { status, stdout, stderr } = ikeaudit(['parse', join(folder, 'missing.log'), file]);
    expect(status).toBe(2);
    expect(stderr).toContain('missing.log: no such file.');
    expect(stdout).toContain('198.51.100.1');
  });

  test.each([
    [['parse', '--zone', 'Mars/Base', '-'], 'Unknown zone "Mars/Base"'],
    [['parse', '--parser', 'strongswan.charn', '-'], 'Did you mean "strongswan.charon"?'],
    [['parse', '--now', 'soon', '-'], '"soon" is no time'],
    [['parse', '--include', 'everything', '-'], '"everything"'],
    [['parse', '--format', 'xml', '-'], 'neutral, ecs, cim'],
    [['parse'], 'missing required argument'],
    [['prase'], 'Did you mean parse?'],
    [['test', 'strongswan.charn'], 'Did you mean "strongswan.charon"?'],
    [['build', '--target', 'spluk'], 'splunk, elastic, sigma'],
    [['new', 'parsr', 'a.b'], 'parser, detection'],
  ])('%j is wrong usage', (args, message) => {
    const { status, stderr } = ikeaudit(args, '');
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('parse --follow', () => {
  const follow = (file: string) => {
    const child = spawn(process.execPath, [CLI, 'parse', '--follow', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    const seen: string[] = [];
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      seen.push(...lines.map((line) => JSON.parse(line).peer_ip as string));
    });
    return { child, seen };
  };
  const until = async (done: () => boolean) => {
    for (let i = 0; i < 200 && !done(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(done()).toBe(true);
  };
  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('close', resolve));

  test('goes on as the file grows and is rotated, and loses nothing on SIGTERM', async () => {
    const file = join(folder, 'growing.log');
    writeFileSync(file, `${INIT(1)}\n`);
    const { child, seen } = follow(file);
    await until(() => seen.length === 1);
    appendFileSync(file, `${INIT(2)}\n`);
    await until(() => seen.length === 2);
    renameSync(file, `${file}.1`);
    writeFileSync(file, `${INIT(3)}\n`);
    await until(() => seen.length === 3);
    appendFileSync(file, INIT(4)); // no newline yet
    await new Promise((resolve) => setTimeout(resolve, 400));
    const closed = ended(child);
    child.kill('SIGTERM');
    expect(await closed).toBe(0);
    expect(seen).toEqual([1, 2, 3, 4].map((n) => `198.51.100.${n}`));
  });

  test('what is written to the old file until the rotation is read first', async () => {
    const file = join(folder, 'rotated.log');
    writeFileSync(file, `${INIT(1)}\n`);
    const { child, seen } = follow(file);
    await until(() => seen.length === 1);
    appendFileSync(file, `${INIT(2)}\n`);
    renameSync(file, `${file}.1`);
    writeFileSync(file, `${INIT(3)}\n`);
    await until(() => seen.length === 3);
    const closed = ended(child);
    child.kill('SIGTERM');
    await closed;
    expect(seen).toEqual(['198.51.100.1', '198.51.100.2', '198.51.100.3']);
  });
});

describe('explain', () => {
  test('shows the parser, the line, the captures and what each target makes of it', () => {
    const { status, stdout } = ikeaudit([
      'explain',
      charonLog("05[IKE] tried 1 shared key for 'gw.example.com' - 'x\u001b[31m', but MAC mismatched"),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('strongswan.charon');
    expect(stdout).toContain('auth_failure_reason');
    expect(stdout).toMatch(/reason +"mac-mismatch"/);
    expect(stdout).not.toContain('\u001b');
    for (const target of ['splunk', 'elastic', 'sigma']) expect(stdout).toContain(`\n${target}\n`);
  });

  test('for a line that no entry matches, the nearest one and where it stops', () => {
    const { status, stdout } = ikeaudit([
      'explain',
      charonLog("05[IKE] tried 1 shared key for 'gw.example.com' - 'x', but MAC was odd"),
    ]);
    expect(status).toBe(1);
    expect(stdout).toContain('but MAC mismatched');
    expect(stdout).toContain('It stops matching here. Expected ');
  });
});

describe('help', () => {
  const listed = /\nCommands:\n([\s\S]*?)\n\n/.exec(ikeaudit(['--help']).stdout)![1]!;
  const commands = [...listed.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!).filter((name) => name !== 'help');
  test.each([[], ...commands.map((name) => [name]), ['load', 'elastic']])('%s %s has examples', (...words) => {
    const { status, stdout } = ikeaudit([...words, '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}\S/);
  });

  test.each(commands)('wrong usage of %s is told on standard error, and what to do', (name) => {
    const { status, stdout, stderr } = ikeaudit([name, '--nonsense']);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: .+\n\(run with --help for usage\)\n$/);
  });
});

test.each([
  [['check', '--quiet']],
  [['test', '--quiet', 'strongswan.charon', 'authentication/peer-unknown']],
  [['build', '--quiet', '--target', 'sigma', '--out']],
  [['new', '--quiet', 'parser', 'acme.iked', '--content']],
])('%j says nothing where all is well', (args) => {
  const rest = /--(out|content)$/.test(args.at(-1)!) ? [join(folder, 'quiet')] : [];
  expect(ikeaudit([...args, ...rest])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('check, test and build say what they did', () => {
  expect(ikeaudit(['check'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/\d+ parsers with \d+ lines.*no errors/),
  });
  const tested = ikeaudit(['test', 'strongswan.charon']);
  expect(tested).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/strongswan\.charon: \d+ samples, all read by their own line/),
  });
  const built = ikeaudit(['build', '--out', join(folder, 'dist')]);
  expect(built.stderr).toBe('');
  expect(built.stdout).toMatch(/splunk: \d+ files/);
  expect(built.stdout).toMatch(/elastic: \d+ files/);
  expect(built.stdout).toMatch(/sigma: \d+ files/);
});
