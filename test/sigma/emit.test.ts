import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { attackTags } from '../../generator/targets/sigma/attack-tags.js';
import { emitSigma } from '../../generator/targets/sigma/emit.js';
import { explainSigma } from '../../generator/targets/sigma/explain.js';
import { escapeWildcards } from '../../generator/targets/sigma/escape-wildcards.js';
import { ruleId } from '../../generator/targets/sigma/rule-id.js';
import { ruleTitle } from '../../generator/targets/sigma/rule-title.js';

const pack = loadPack();

describe('the choice of events', () => {
  const paths = [...emitSigma(pack).keys()];
  it.each([...pack.events.values()].map(({ name, level }) => ({ name, level })))('$name of level $level', ({ name, level }) => {
    expect(paths.includes(`rules/events/net_ike_event_${name}.yml`)).toBe(level !== undefined);
  });
});

describe('a title', () => {
  it.each([
    ['auth_failed', 'IKE Authentication Failed'],
    ['auth_failed_by_peer', 'IKE Authentication Failed by Peer'],
    ['esp_replay_detected', 'ESP Replay Detected'],
    ['duplicate_ike_sa', 'Duplicate IKE SA'],
    ['ts_unacceptable', 'IKE Traffic Selectors Unacceptable'],
  ])('of %s is %s', (name, title) => {
    expect(ruleTitle(name)).toBe(title);
  });
});

describe('an id', () => {
  it.each([
    ['auth_failed', '0691f9ad-6c99-5b78-ae91-f3b6fb36287e'],
    ['peer_dead', 'e897a7b8-62da-5ee6-a955-726ff9e808c8'],
  ])('of %s is what every release before had', (name, id) => {
    expect(ruleId(name)).toBe(id);
  });
});

describe('tags', () => {
  it('name each tactic once, before the techniques', () => {
    expect(attackTags(pack.attack, ['T1557', 'T1649'])).toEqual([
      'attack.collection',
      'attack.credential-access',
      'attack.t1557',
      'attack.t1649',
    ]);
  });

  it('give a sub-technique the tactics of its technique', () => {
    expect(attackTags(pack.attack, ['T1499.002'])).toEqual(['attack.impact', 'attack.t1499.002']);
  });
});

describe('a literal in a Sigma value', () => {
  it.each([
    ['strongswan:charon', 'strongswan:charon'],
    ['any*?', 'any\\*\\?'],
    ['DOMAIN\\user', 'DOMAIN\\\\user'],
  ])('%s is written %s', (text, value) => {
    expect(escapeWildcards(text)).toBe(value);
  });
});

describe('explain', () => {
  const charon = pack.parsers.find(({ name }) => name === 'strongswan.charon')!;
  const explain = (matches: (entry: (typeof charon.entries)[number]) => boolean) =>
    explainSigma(pack, charon.name, charon.entries.find(matches)!.id).join('\n');

  it('names the rule and what it shows of the line', () => {
    const text = explain(({ event, set }) => event === 'auth_failure_reason' && set.reason === 'mac-mismatch');
    expect(text).toBe('no rule: "auth_failure_reason" has no level, it is not worth an alert on its own');
    expect(explain(({ event }) => event === 'peer_unknown')).toMatch(
      /^rule {6}rules\/events\/net_ike_event_peer_unknown\.yml, level low\nselection msg_type: peer_unknown\nfields {4}.*peer_ip/,
    );
  });

  it('names the rule of a record that codes choose', () => {
    const coded = pack.parsers.flatMap(({ name, records }) => records.codes.map((code) => [name, code] as const));
    const [name, code] = coded.find(([, { event }]) => event !== undefined && pack.events.get(event)!.level !== undefined)!;
    expect(explainSigma(pack, name, code.id)).toContain(`selection msg_type: ${code.event}`);
    for (const [parser, { id }] of coded) expect(() => explainSigma(pack, parser, id)).not.toThrow();
  });

  it('says that noise has no rule', () => {
    expect(explain(({ kind }) => kind === 'ignored')).toBe('no rule: the line is declared noise');
  });
});
