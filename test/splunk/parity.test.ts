/** Splunk's fields against the engine's, on every recorded log: PCRE2 runs the emitted regexes, the rest is emulated. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointTexts } from '../support/endpoint-texts.js';
import { parseText } from '../support/parse-text.js';
import { charon, files, pluto } from './support/built.js';
import { differences } from './support/differences.js';
import { Pcre } from './support/pcre.js';
import { SearchTime } from './emulator/search-time.js';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
/** The programs, where their recordings are, and the header of a composed line. */
const PROGRAMS = [
  { parser: charon, folder: 'strongswan/', head: 'Nov 24 06:00:00 gw charon[1]: 05[IKE] ', named: '<gw|7> ' },
  { parser: pluto, folder: 'libreswan/', head: 'Nov 24 06:00:00 gw pluto[1]: ', named: '"rw"[2] 198.51.100.66 #7: ' },
];
let pcre: Pcre;

beforeAll(async () => {
  pcre = await Pcre.create();
});
afterAll(() => pcre.destroy());

/** Lines of all recordings, one of each shape: they differ in more than digits. */
function recordedLines(folder: string, names: (path: string) => boolean): string[] {
  const shapes = new Map<string, string>();
  for (const path of readdirSync(SAMPLES + folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.log') || /json|radius\.log/.test(path) || !names(path)) continue;
    for (const line of readFileSync(SAMPLES + folder + path, 'utf8').split(/\r?\n/)) {
      const shape = process.env.EVERY_LINE ? line : line.replace(/\d+|\b[0-9a-f]{8,16}\b/g, '0');
      if (line !== '' && !shapes.has(shape)) shapes.set(shape, line);
    }
  }
  return [...shapes.values()];
}

/** The beginning of one sample and the end of another, cut between words: near misses, and lines that only generic entries read. */
function mixedLines({ parser, head }: (typeof PROGRAMS)[number], count: number): string[] {
  const samples = parser.entries.map(({ sample }) => sample);
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  const cut = (text: string) => {
    const words = text.split(' ');
    return [words.slice(0, 1 + random(words.length)), words.slice(random(words.length))] as const;
  };
  return Array.from({ length: count }, () => {
    const [begin] = cut(samples[random(samples.length)]!);
    const [, end] = cut(samples[random(samples.length)]!);
    return `${head}${[...begin, ...end].join(' ')}`;
  });
}

/** @returns every difference, with its line */
async function compare(lines: string[], flags: '' | '(?ms)', parser = charon, forced?: string): Promise<string[]> {
  const { events } = await parseText(lines.join('\n'), { stitch: false, include: ['ignored', 'other'], parser: forced });
  expect(events.length).toBe(lines.length);
  const splunk = new SearchTime(files, pcre, parser.sourcetype, flags);
  return lines.flatMap((line, index) => differences(events[index]!, splunk.run(line)).map((what) => `${line}\n    ${what}`));
}

describe.each(PROGRAMS)('the fields that the engine reads for $parser.name', (program) => {
  const { parser, folder, head, named } = program;

  it('come from every recorded line', { timeout: 300_000 }, async () => {
    // at the other end of a tunnel stands another program
    const strangers = PROGRAMS.flatMap((other) => (other === program ? [] : other.parser.programs));
    const lines = recordedLines(folder, (path) => !path.endsWith('.file.log'));
    const own = lines.filter((line) => !strangers.some((name) => line.includes(` ${name}`)));
    expect(own.length).toBeGreaterThan(300);
    expect(await compare(own, '(?ms)', parser)).toEqual([]);
    expect(pcre.errors).toEqual([]);
  });

  it('come from every line of its own file, which does not say whose it is', async () => {
    const lines = recordedLines(folder, (path) => path.endsWith('.file.log')).filter((line) => !/charon\[|sudo/.test(line));
    expect(lines.length).toBeGreaterThan(50);
    expect(await compare(lines, '(?ms)', parser, parser.name)).toEqual([]);
  });

  it('come from every sample of the parser, whether or not Splunk puts (?ms) in front', { timeout: 120_000 }, async () => {
    const lines = parser.entries.map(({ sample }) => head + named + sample);
    for (const flags of ['', '(?ms)'] as const) expect(await compare(lines, flags, parser)).toEqual([]);
  });

  it('come from lines that are put together from two samples', { timeout: 300_000 }, async () => {
    expect(await compare(mixedLines(program, process.env.EVERY_LINE ? 30_000 : 1_500), '(?ms)', parser)).toEqual([]);
  });
});

describe('the fields that the engine reads', () => {
  it('come from addresses and ports of every shape, and of none', { timeout: 120_000 }, async () => {
    const endpoints = endpointTexts(1_500);
    const lines = endpoints.map((endpoint) => `Nov 24 06:00:00 gw pluto[1]: packet from ${endpoint}: too small packet (2)`);
    expect(await compare(lines, '(?ms)', pluto)).toEqual([]);
  });

  it.each([
    ['a packet that has no SA', 'packet from 198.51.100.66:500: too small packet (2)'],
    ['an address in brackets', 'packet from [2001:db8:100::66]:UDP/4500: too small packet (2)'],
    ['an address without brackets', 'packet from 2001:db8:100::66:4500: too small packet (2)'],
    ['an instance', '"rw"[3] 2001:db8:100::66: deleting connection'],
    ['an instance with both networks', '"rw"[3] 10.10.0.0/24===...192.0.2.1===10.20.0.0/24 #3: initiating IKEv2 connection'],
    ['a connection', '"site1" #3: ESP traffic information: in=84B out=12KB'],
    ['a size that is none', '"site1" #3: ESP traffic information: in=84B out=12XB'],
    ['an older word for an exchange', '#3: processing ISAKMP_v2_IKE_AUTH request: SK{IDi,N(INITIAL_CONTACT)}'],
  ])('come from the header of %s', async (_, line) => {
    expect(await compare([`Nov 24 06:00:00 gw pluto[1]: ${line}`], '(?ms)', pluto)).toEqual([]);
  });

  it.each([
    ['what a wrapper repeats', 'Nov 24 06:00:00 gw charon[1]: message repeated 3 times: [ 05[IKE] IKE_SA deleted]'],
    ['syslog without a host', 'Nov 24 06:00:00 charon[1]: 05[IKE] IKE_SA deleted'],
    ['logcat', 'I/charon  : 05[IKE] IKE_SA deleted'],
    ['a console', '05[IKE] IKE_SA deleted'],
    ["OpenWrt's logread", 'Tue Nov 24 06:00:00 2026 daemon.info ipsec: 05[IKE] IKE_SA deleted'],
    ["OpenWrt's logread without a name", 'Tue Nov 24 06:00:00 2026 daemon.info : 05[IKE] IKE_SA deleted'],
    ["a node's file of a container", '2026-11-24T06:00:00.123456789Z stdout F 05[IKE] IKE_SA deleted'],
    ['what swanctl shows', '[IKE] IKE_SA deleted'],
    ['structured data', '<30>1 2026-11-24T06:04:22.928816+00:00 gw charon 809 - [a b="c"] 05[IKE] IKE_SA deleted'],
    ['a nil process id', '<30>1 2026-11-24T06:04:22Z gw charon - - - 05[IKE] IKE_SA deleted'],
    ['a connection that imitates a header', 'Nov 24 06:00:00 gw charon[1]: 05[IKE] <5> ike|3> IKE_SA deleted'],
    ['a line of nothing', 'Nov 24 06:00:00 gw charon[1]: 05[IKE]  '],
  ])('come from %s', async (_, line) => {
    expect(await compare([line], '(?ms)')).toEqual([]);
  });
});
