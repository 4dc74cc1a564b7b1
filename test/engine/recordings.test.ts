import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Event, parseText } from '../support/parse-text.js';

const SAMPLES = 'samples/strongswan';
const LOGS = readdirSync(SAMPLES)
  .sort()
  .flatMap((scenario) =>
    readdirSync(join(SAMPLES, scenario))
      .filter((name) => /^(gateway|initiator|attacker).*\.(log|jsonl)$/.test(name))
      .map((name) => join(SAMPLES, scenario, name)),
  );

const read = (scenario: string, name = 'gateway.log') => readFileSync(join(SAMPLES, scenario, name));

describe('every recorded log of charon', () => {
  test.each(LOGS)(
    '%s is read: at least 98 %% of its lines are events or declared noise, and every line is counted',
    async (file) => {
      const { counts } = await parseText(readFileSync(file));
      const own = counts.events + counts.ignored + counts.unparsed;
      expect(own + counts.other).toBe(counts.read);
      expect(counts.read).toBe(readFileSync(file, 'latin1').split('\n').filter(Boolean).length);
      expect(own).toBeGreaterThan(0);
      expect(counts.unparsed / own).toBeLessThanOrEqual(0.02);
    },
  );
});

describe('stitching is exact on the recordings', () => {
  /** A log whose prefix `<name|N>` names the SA of each line, and the same log without the prefix. */
  const NAMED = ['psk-brute.ikename', 'psk-ok.ikename', 'psk-brute.verbose', 'psk-ok.verbose', 'replay.verbose', 'rekey.verbose'];
  test.each(NAMED)('%s: without the prefix no line gets another peer than with it', async (scenario) => {
    const log = read(scenario).toString('latin1');
    const named = (await parseText(log)).events;
    const bare = (await parseText(log.replace(/(\[[A-Z]{3}\d?\]) <[^>]*> /g, '$1 '))).events;
    expect(bare.map((event) => event.msg_type)).toEqual(named.map((event) => event.msg_type));
    const wrong = bare.filter(
      (event, index) => event.peer_ip && named[index]!.peer_ip && event.peer_ip !== named[index]!.peer_ip,
    );
    expect(wrong).toEqual([]);
  });

  test.each(NAMED)('%s: a line has the peer with which its numbered SA was established', async (scenario) => {
    const { events } = await parseText(read(scenario));
    const peers = new Map(
      events.filter((event) => event.msg_type === 'ike_established').map((event) => [event.ike_sa, event.peer_ip]),
    );
    const told = events.filter((event) => event.peer_ip && peers.has(event.ike_sa));
    expect(told.length).toBeGreaterThan(peers.size);
    expect(told.filter((event) => event.peer_ip !== peers.get(event.ike_sa))).toEqual([]);
  });

  test.each(['psk-ok.journal', 'psk-brute.journal'])(
    "%s: the journal's bare text gives the peers that its fields give, and says that it went by order",
    async (scenario) => {
      const fields = (await parseText(read(scenario, 'gateway.journal.jsonl'))).events;
      const bare = (await parseText(read(scenario))).events;
      expect(bare).toHaveLength(fields.length);
      const wrong = bare.filter(
        (event, index) => event.peer_ip && fields[index]!.peer_ip && event.peer_ip !== fields[index]!.peer_ip,
      );
      expect(wrong).toEqual([]);
      const joined = bare.filter((event) => (event.stitched as string[] | undefined)?.includes('peer_ip'));
      expect(joined.length).toBeGreaterThan(50);
      expect(joined.every((event) => event.stitched_by === 'order')).toBe(true);
    },
  );

  test('RFC 3164 and RFC 5424 copies of a log give the same events but for the fraction of a second', async () => {
    for (const scenario of ['psk-ok', 'psk-brute', 'rekey', 'hostile-id']) {
      const withoutTime = ({ timestamp: _, sa_id: __, ...rest }: Event) => rest;
      const old = (await parseText(read(scenario))).events.map(withoutTime);
      expect((await parseText(read(scenario, 'gateway.rfc5424.log'))).events.map(withoutTime)).toEqual(old);
    }
  });

  test('in every gateway log the peers are those that took part', async () => {
    for (const scenario of readdirSync(SAMPLES)) {
      const truth = JSON.parse(read(scenario, 'truth.json').toString()) as { gateway: unknown };
      const known = new Set(JSON.stringify({ ...truth, gateway: undefined }).match(/\d+\.\d+\.\d+\.\d+|2001:db8:[0-9a-f:]+/g));
      const { events } = await parseText(read(scenario));
      const strangers = new Set(
        events.flatMap((event) => (event.peer_ip && !known.has(event.peer_ip as string) ? [event.peer_ip] : [])),
      );
      expect([scenario, ...strangers]).toEqual([scenario]);
    }
  });
});

describe('hostile identities', () => {
  test('192.0.2.99, which only identities name, is never a peer', async () => {
    const { events } = await parseText(read('hostile-id'));
    expect(JSON.stringify(events)).toContain('192.0.2.99');
    expect(events.filter((event) => [event.peer_ip, event.src_ip, event.dst_ip, event.local_ip].includes('192.0.2.99'))).toEqual(
      [],
    );
  });

  test('every line of an exchange has the attacker as its peer, whatever his identity says', async () => {
    const { events } = await parseText(read('hostile-id'));
    const identified = events.filter((event) => /^(auth_|ike_established|peer_config_search)/.test(event.msg_type));
    expect(identified.length).toBeGreaterThan(100);
    expect(new Set(identified.map((event) => event.peer_ip))).toEqual(new Set(['198.51.100.66']));
  });
});

test('an audit line that is forwarded from two facilities counts once', async () => {
  const forwarded = await parseText(read('psk-brute', 'gateway.forwarded.log'));
  const once = await parseText(read('psk-brute'));
  const inits = (events: Event[]) => events.filter((event) => event.msg_type === 'ike_init_received').length;
  expect(inits(forwarded.events)).toBe(inits(once.events));
  expect(forwarded.counts.ignored).toBeGreaterThan(once.counts.ignored);
});
