import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Event, parseText } from '../support/parse-text.js';

const SAMPLES = 'samples/strongswan';
const LIBRESWAN = 'samples/libreswan';
const LOGS = [SAMPLES, LIBRESWAN].flatMap((folder) =>
  readdirSync(folder)
    .sort()
    .flatMap((scenario) =>
      readdirSync(join(folder, scenario))
        .filter((name) => /^(gateway|initiator|attacker).*\.(log|jsonl)$/.test(name))
        .map((name) => join(folder, scenario, name)),
    ),
);

const read = (scenario: string, name = 'gateway.log') => readFileSync(join(SAMPLES, scenario, name));

describe('every recorded log of charon and pluto', () => {
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

describe('pluto', () => {
  const logOf = (scenario: string, name = 'gateway.log') => readFileSync(join(LIBRESWAN, scenario, name));
  const counted = (events: Event[], type: string) => events.filter((event) => event.msg_type === type).length;

  test.each(readdirSync(LIBRESWAN))(
    '%s: the peers that its lines name are those that took part, and a hostile identity is none of them',
    async (scenario) => {
      const name = readdirSync(join(LIBRESWAN, scenario)).find((file) => file.startsWith('gateway.'))!;
      const truth = JSON.parse(logOf(scenario, 'truth.json').toString()) as { gateway: unknown };
      const known = new Set(JSON.stringify({ ...truth, gateway: undefined }).match(/\d+\.\d+\.\d+\.\d+|2001:db8:[0-9a-f:]+/g));
      const { events } = await parseText(logOf(scenario, name));
      const strangers = events.flatMap((event) =>
        event.peer_ip && (!known.has(event.peer_ip as string) || event.peer_ip === '192.0.2.99') ? [event.peer_ip] : [],
      );
      expect([scenario, ...new Set(strangers)]).toEqual([scenario]);
    },
  );

  test('an attempt that it refuses is one auth_failed, which names the peer', async () => {
    for (const scenario of ['psk-brute', 'psk-brute.lsw5']) {
      const { events } = await parseText(logOf(scenario));
      const failed = events.filter((event) => event.msg_type === 'auth_failed');
      expect(failed.length).toBeGreaterThan(10);
      expect(failed.every((event) => event.peer_ip && event.error_code === 24)).toBe(true);
      expect(counted(events, 'auth_failure_reason')).toBeGreaterThanOrEqual(failed.length);
    }
  });

  test('a certificate that is not yet valid is not called expired, and a forged one is untrusted', async () => {
    for (const [scenario, type] of [
      ['cert-expired', 'cert_validity_failed'],
      ['cert-expired.lsw5', 'cert_validity_failed'],
      ['cert-notyet', 'cert_validity_failed'],
      ['cert-forged', 'cert_untrusted'],
    ] as const) {
      const { events } = await parseText(logOf(scenario));
      expect([scenario, counted(events, type) > 0, counted(events, 'cert_expired')]).toEqual([scenario, true, 0]);
    }
  });

  test('its own log file gives the events that syslog gives, from its first line on', async () => {
    const { events, counts } = await parseText(logOf('psk-ok.logfile', 'gateway.file.log'));
    expect(counts.unparsed + counts.other).toBe(0);
    expect(counted(events, 'daemon_started')).toBe(1);
    expect(counted(events, 'ike_established')).toBeGreaterThan(0);
  });

  test.each(readdirSync(LIBRESWAN))(
    '%s: every record of a CHILD SA has the IKE SA that the log names for it',
    async (scenario) => {
      const name = readdirSync(join(LIBRESWAN, scenario)).find((file) => /^gateway\.(?:file\.)?log$/.test(file))!;
      const log = logOf(scenario, name).toString('latin1');
      const { events } = await parseText(log);
      const parents = new Map<number, Set<number>>();
      for (const [, child, parent] of log.matchAll(/ #(\d+): [^\n]*(?:Child SA|replace)[^\n]* using (?:IKE SA )?#(\d+)/g))
        parents.set(Number(child), (parents.get(Number(child)) ?? new Set()).add(Number(parent)));
      // a rekeyed IKE SA hands its CHILD SAs on
      const heirs = new Map(
        [...log.matchAll(/ #(\d+): \w+ rekeyed IKE SA #(\d+)/g)].map(([, heir, old]) => [Number(old), Number(heir)]),
      );
      for (const named of parents.values()) for (const old of named) if (heirs.has(old)) named.add(heirs.get(old)!);
      const numbered = events.filter((event) => event.sa_number !== undefined);
      expect(numbered.filter((event) => event.sa_id === undefined)).toEqual([]);
      const wrong = numbered.filter(({ sa_number, ike_sa }) => parents.get(sa_number as number)?.has(ike_sa as number) === false);
      expect(wrong).toEqual([]);
    },
  );

  test('a line of rekeyings has one root, and each SA says whose place it took', async () => {
    const { events } = await parseText(logOf('rekey'));
    const rekeyed = events.filter((event) => event.msg_type === 'ike_rekeyed' && event.connection === 'site2');
    expect(rekeyed.map((event) => [event.ike_sa, event.ike_sa_old])).toEqual([
      [9, 3],
      [16, 9],
      [21, 16],
    ]);
    const first = events.find((event) => event.sa_number === 3)!;
    expect(first.sa_root).toBe(first.sa_id);
    expect(new Set(rekeyed.map((event) => event.sa_root))).toEqual(new Set([first.sa_id]));
    expect(rekeyed[1]!.rekeyed_from).toBe(rekeyed[0]!.sa_id);
    const child = events.find((event) => event.msg_type === 'child_rekeyed' && event.ike_sa === 16)!;
    expect(child.sa_root).toBe(first.sa_id);
  });

  test('what looks like another program in an identity is none where the envelope tells it', async () => {
    const { events, counts } = await parseText(logOf('hostile-id'));
    expect(counts.other).toBe(0);
    expect(events.filter((event) => event.program !== 'pluto')).toEqual([]);
  });

  test('algorithms are told by one name in 4.x and 5.x', async () => {
    for (const scenario of ['weak-crypto', 'weak-crypto.lsw5']) {
      const { events } = await parseText(logOf(scenario));
      const chosen = events.filter((event) => event.msg_type === 'proposal_selected' && event.sa_protocol === 'IKE');
      expect(chosen.map((event) => [event.encryption, event.integrity, event.prf, event.dh_group])).toContainEqual([
        '3DES_CBC',
        'HMAC_MD5_96',
        'HMAC_MD5',
        5,
      ]);
    }
  });
});

test('an audit line that is forwarded from two facilities counts once', async () => {
  const forwarded = await parseText(read('psk-brute', 'gateway.forwarded.log'));
  const once = await parseText(read('psk-brute'));
  const inits = (events: Event[]) => events.filter((event) => event.msg_type === 'ike_init_received').length;
  expect(inits(forwarded.events)).toBe(inits(once.events));
  expect(forwarded.counts.ignored).toBeGreaterThan(once.counts.ignored);
});
