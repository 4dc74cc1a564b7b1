import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ASSET_COLUMNS, readAssets, readChanges, TableError } from '../../generator/audit/context.js';
import { answerGuard } from '../../generator/audit/guards.js';
import type { Fact } from '../../generator/model/detection.js';
import { builtInEngine } from '../support/parse-text.js';
import { auditSample, auditTexts } from './support.js';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => void builtInEngine(), 60_000);

const AUTHENTICATION = 'authentication/auth-failures-from-one-peer';

async function answer(scenario: string, fact: Fact, detection = AUTHENTICATION) {
  const audit = await auditSample(scenario);
  const { finding } = audit.findings.find(({ detection: { name } }) => name === detection)!;
  return answerGuard({ ask: '', if: 'yes', then: '', fact }, finding, audit.observer.peers, audit.context)!;
}

describe('guards are answered from the log', () => {
  test.each<[string, Fact, string, RegExp, string?]>([
    ['strongswan/psk-brute', 'connects', 'yes', /198\.51\.100\.11 of the same network/],
    ['libreswan/psk-brute', 'connects', 'no', /Earlier days are not in it/],
    ['strongswan/eap-badpw', 'connects', 'unknown', /only after this began: whoever guessed may have got in/],
    ['strongswan/psk-brute', 'shared', 'no', /at most one identity/],
    ['strongswan/eap-badpw', 'shared', 'unknown', /4 identities were claimed/],
    ['strongswan/psk-brute', 'roams', 'no', /No change of address/],
    ['strongswan/psk-brute', 'asset', 'unknown', /No table of assets/],
    ['strongswan/psk-brute', 'change', 'unknown', /No table of changes/],
    ['strongswan/flood-one', 'others_connect', 'yes', /198\.51\.100\.11/, 'availability/init-flood-from-one-peer'],
  ])('%s, %s: %s', async (scenario, fact, verdict, because, detection) => {
    const found = await answer(scenario, fact, detection);
    expect(found.verdict).toBe(verdict);
    expect(found.because).toMatch(because);
  });

  test('a change that was announced shortly before', async () => {
    const log = readFileSync('samples/strongswan/psk-brute/gateway.log');
    const answers = async (from: string, connection = '') => {
      const changes = readChanges(`from,what,connection\n${from},new keys,${connection}\n`);
      const context = { assetsFile: '', changesFile: 'changes.csv', assets: [], changes };
      const audit = await auditTexts({ log }, { context });
      const { finding } = audit.findings.find(({ detection: { name } }) => name === AUTHENTICATION)!;
      return answerGuard({ ask: '', if: 'yes', then: '', fact: 'change' }, finding, audit.observer.peers, context)!.verdict;
    };
    expect(await answers('2026-11-24T05:00:00Z')).toBe('yes');
    expect(await answers('2026-11-24T03:00:00Z')).toBe('no');
    expect(await answers('2026-11-24T07:00:00Z')).toBe('no');
    expect(await answers('2026-11-24T05:00:00Z', 'another')).toBe('no');
  });
});

describe('tables', () => {
  const [row] = readAssets('owner,peer,tag\r\n"Smith, ""Joe""",2001:db8::/32,"two\nlines"\r\n');
  test('quotes, commas and line breaks in cells, columns in any order', () => {
    expect(row!.says).toBe('2001:db8::/32: two\nlines, owner Smith, "Joe"');
    expect([row!.matches(new Set(['2001:db8::5'])), row!.matches(new Set(['198.51.100.1']))]).toEqual([true, false]);
  });

  test.each([
    ['peer,colour\n198.51.100.1,red\n', 'has a column "colour"'],
    ['peer,tag\n,x\n', 'line 2 names no peer'],
    ['peer\n198.51.100.1\n198.51.100.999\n', 'line 3: "198.51.100.999" is neither'],
    ['peer\n198.51.100.0/33\n', 'line 2: "198.51.100.0/33" is neither'],
    ['peer\n"198.51.100.1\n', 'a quote is not closed'],
  ])('%j is refused', (text, message) => {
    expect(() => readAssets(text)).toThrow(TableError);
    expect(() => readAssets(text)).toThrow(message);
  });

  test('a time that is none is refused', () => {
    expect(() => readChanges('from,what\nyesterday,x\n')).toThrow('line 2: "yesterday" is no time.');
  });

  test('the columns are those of the docs', () => {
    const docs = readFileSync('docs/audit.md', 'utf8');
    for (const column of ASSET_COLUMNS) expect(docs).toContain(`\`${column}\``);
  });
});
