/** Each piece of advice holds for the logs that it names, and for no other. Wrong ones are refused. */
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { check } from '../../generator/check/check.js';
import { loadContent } from '../../generator/load/load-content.js';
import { lower } from '../../generator/lower/lower.js';
import type { AdviceTest } from '../../generator/model/advice.js';
import { builtInEngine } from '../support/parse-text.js';
import { auditTexts } from './support.js';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => void builtInEngine(), 60_000);

const { advice } = lower(loadContent().documents).pack;

async function advised(name: string, { recording, log = 'gateway.log', lines, settings }: AdviceTest) {
  const text = recording ? readFileSync(`samples/${recording}/${log}`) : lines!;
  const audit = await auditTexts({ [log]: text }, { settings });
  return audit.advised.find(({ advice: one }) => one.name === name);
}

describe.each(advice.map((one) => [one.name, one] as const))('%s', (name, { tests, settings }) => {
  test.each(tests.holds.map((one) => [one.name, one] as const))('holds: %s', async (_, one) => {
    const found = await advised(name, one);
    expect(found).toBeDefined();
    if (one.count) expect(found!.count).toBeGreaterThanOrEqual(one.count);
    if (found!.advice.when.seen) expect(found!.evidence.length).toBeGreaterThan(0);
    // a log of one of the products with a setting shows that setting
    const isMeant = settings.some(({ products }) =>
      found!.products.some((parser) => products.includes(parser.name) || products.includes(parser.name.split('.')[0]!)),
    );
    expect(found!.settings.length > 0).toBe(isMeant);
  });

  test.each(tests.not.map((one) => [one.name, one] as const))('does not hold: %s', async (_, one) => {
    expect(await advised(name, one)).toBeUndefined();
  });
});

test('every recording that advice names is there', () => {
  const named = advice.flatMap(({ tests }) => [...tests.holds, ...tests.not]).filter(({ recording }) => recording);
  expect(named.filter(({ recording, log = 'gateway.log' }) => !existsSync(`samples/${recording}/${log}`))).toEqual([]);
});

describe('advice that names what there is not is refused', () => {
  const base = 'title: x\nlevel: low\nsays: x\ntests: { holds: [{ name: x, lines: x }], not: [{ name: y, lines: y }] }\n';
  test.each([
    ['select: { a: { msg_type: auth_faild } }\nwhen: { seen: a }', 'Unknown event "auth_faild". Did you mean "auth_failed"?'],
    [
      'select: { a: { msg_type: auth_failed, peer_ipp: x } }\nwhen: { seen: a }',
      'Unknown field "peer_ipp". Did you mean "peer_ip"?',
    ],
    ['select: { a: { peer_ip: x } }\nwhen: { seen: a }', 'does not say which events'],
    ['select: { a: { msg_type: auth_failed } }\nwhen: { seen: b }', 'Unknown selection "b"'],
    ['when: { lacks_fields: [peer_ipp] }', 'Unknown field "peer_ipp"'],
    ['when: { logged: [auth_faild] }', 'Unknown event "auth_faild"'],
    ['when: { looged: [auth_failed] }', 'Unknown key "looged". Did you mean "logged"?'],
    [
      'when: { logged: [auth_failed] }\nsettings: [{ for: [strongswan.charn], where: x, set: x }]',
      'Unknown parser or vendor "strongswan.charn"',
    ],
  ])('%j', async (text, message) => {
    const documents = loadContent().documents.filter(
      ({ kind }) => kind !== 'parser' && kind !== 'advice' && kind !== 'detection',
    );
    const parsers = loadContent().documents.filter(({ kind }) => kind === 'parser');
    const { parseDocument } = await import('yaml');
    const parsed = parseDocument(base + text);
    const document = {
      kind: 'advice' as const,
      file: 'detections/hardening/x.yml',
      text: base + text,
      root: parsed.contents,
      data: parsed.toJS(),
    };
    const { pack } = lower([...documents, ...parsers, document]);
    const { checkAdvice } = await import('../../generator/check/check-advice.js');
    const found = message.startsWith('Unknown key')
      ? await check([document], pack, builtInEngine)
      : checkAdvice([document], pack);
    expect(found.map(({ message: told }) => told).join('\n')).toContain(message);
  });
});
