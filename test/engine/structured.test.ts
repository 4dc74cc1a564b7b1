/** Structured records: what their paths say becomes an event, whatever the spelling; what is no such record is lost in no case. */
import { describe, expect, test } from 'vitest';
import { decodeColumns, decodePairs, decodeSyslog } from '../../generator/engine/decode-text.js';
import { decodeXml } from '../../generator/engine/decode-xml.js';
import { wayOf, textAt } from '../../generator/engine/find-path.js';
import { parseStamp } from '../../generator/engine/time.js';
import { examplePack, parseWith } from '../support/example-parser.js';

const CODES = `
select: { where: { source: Example-IKE } }
structured: { event-xml: {}, event-json: {} }
envelopes:
  - envelope: event-xml
    means: "An event as XML."
    xml:
      has: [Event.System.EventID]
      members: { Data: Name }
      fields: { timestamp: Event.System.TimeCreated.SystemTime, host: Event.System.Computer }
      names: { code: Event.System.EventID, source: Event.System.Provider.Name, data: Event.EventData.Data }
    joins: { begins: "<Event", ends: "</Event>" }
  - envelope: event-json
    means: "The same as a shipper writes it."
    json:
      has: [log.code]
      fields: { timestamp: "@timestamp", host: [log.host, host.name] }
      names: { code: log.code, source: log.source, data: log.data }
    joins: { begins: "{", ends: "}", alone: true }
empty: ["-"]
tables:
  roles: { "%%1": initiator, "%%2": responder }
  failures:
    "13801": { notify: AUTHENTICATION_FAILED, reason: credentials-unacceptable }
take:
  data.Local: local_ip
  data.Remote: peer_ip
  data.RemotePort: peer_port
  data.Role: { field: role, table: roles }
  data.Who: peer_id
events:
  - event: ike_failed
    when: { code: 7 }
    take: { data.Error: { table: failures } }
    sample: '{"@timestamp":"2026-11-24T06:00:00.123456Z","log":{"code":7,"source":"Example-IKE","data":{"Local":"203.0.113.1","Remote":"198.51.100.66","RemotePort":"4500","Error":"13801","Role":"%%2","Who":"a.example.net"}}}'
  - event: auth_failed
    when: { code: 7, data.Error: 13802 }
    sample: '{"log":{"code":"7","source":"Example-IKE","data":{"Error":"13802"}}}'
ignored:
  - when: { code: 8 }
    sample: '<Event><System><EventID>8</EventID><Provider Name="Example-IKE"/></System></Event>'
`;

const XML = `<?xml version="1.0"?><Events><Event xmlns='http://example.com/event'><System><Provider Name='Example-IKE'/><EventID Qualifiers="0">7</EventID>
  <TimeCreated SystemTime="2026-11-24T06:00:00.987654300Z"/><Computer>gw &amp; co</Computer></System>
  <EventData><Data Name='Local'>203.0.113.1</Data><Data Name='Remote'>198.51.100.66</Data>
  <Data Name='RemotePort'>-</Data><Data Name='Role'>%%1</Data><Data Name='Error'>13801</Data></EventData></Event></Events>
`;

describe('codes choose, paths fill', () => {
  test('XML over several lines, behind a root element', async () => {
    const { events, counts } = await parseWith(examplePack(CODES), XML);
    expect(events.find(({ msg_type }) => msg_type === 'ike_failed')).toMatchObject({
      timestamp: '2026-11-24T06:00:00.987Z',
      host: 'gw & co',
      outcome: 'failure',
      peer_ip: '198.51.100.66',
      local_ip: '203.0.113.1',
      // the gateway began
      src_ip: '203.0.113.1',
      dst_ip: '198.51.100.66',
      role: 'initiator',
      notify: ['AUTHENTICATION_FAILED'],
      error_code: 24,
      reason: 'credentials-unacceptable',
    });
    expect(events.find(({ msg_type }) => msg_type === 'ike_failed')).not.toHaveProperty('peer_port');
    expect(counts).toMatchObject({ events: 1, unparsed: 0 });
  });

  test('JSON, with its members nested, dotted, or over several lines', async () => {
    const pack = examplePack(CODES);
    const nested = pack.parsers[0]!.records.codes[0]!.sample;
    const dotted = '{"log.code":7,"log":{"source":"Example-IKE"},"log.data":{"Remote":"198.51.100.66"},"host.name":"gw"}';
    const pretty = JSON.stringify(JSON.parse(nested), null, 2);
    const { events } = await parseWith(pack, [nested, dotted, `[\n${pretty},\n${pretty}\n]`].join('\n'));
    const failed = events.filter(({ msg_type }) => msg_type === 'ike_failed');
    expect(failed.map(({ peer_ip, host }) => [peer_ip, host])).toEqual([
      ['198.51.100.66', undefined],
      ['198.51.100.66', 'gw'],
      ['198.51.100.66', undefined],
      ['198.51.100.66', undefined],
    ]);
    expect(failed[0]).toMatchObject({
      timestamp: '2026-11-24T06:00:00.123Z',
      src_ip: '198.51.100.66',
      peer_port: 4500,
      peer_id: 'a.example.net',
      user_identity: 'a.example.net',
    });
  });

  test('more conditions win; noise is declared; other codes are kept as unparsed; other sources are not ours', async () => {
    const record = (code: number, source = 'Example-IKE', error = '') =>
      JSON.stringify({ log: { code, source, data: { Error: error } } });
    const text = [record(7, 'Example-IKE', '13802'), record(8), record(9), record(7, 'Another')].join('\n');
    const { events, counts } = await parseWith(examplePack(CODES), text);
    expect(events.map(({ msg_type }) => msg_type)).toEqual(['auth_failed', 'ignored', 'unparsed', 'other']);
    expect(events[2]!.message).toBe(record(9));
    expect(counts).toMatchObject({ read: 4, events: 1, ignored: 1, unparsed: 1, other: 1 });
  });

  test('the same in the message of a syslog record', async () => {
    const pack = examplePack(CODES);
    const { events } = await parseWith(
      pack,
      `<14>Nov 24 06:00:00 relay forwarder[7]: ${pack.parsers[0]!.records.codes[1]!.sample}`,
    );
    expect(events).toMatchObject([{ msg_type: 'auth_failed', timestamp: '2026-11-24T06:00:00.000Z' }]);
  });
});

describe('lines read the text of a member', () => {
  const LINES = `
select: { program: [cloudd] }
structured: { cloud: { labels.tunnel: connection } }
envelopes:
  - envelope: cloud
    means: "A cloud's record."
    json: { has: [text, stream], fields: { timestamp: at, message: text } }
take:
  stream: "%{_:word}/%{local_ip:ip}"
  nat: nat_detected
samples: ['{"text":"refused 198.51.100.66","stream":"vpn-1/203.0.113.1","nat":true}']
events:
  - event: auth_failed
    line: "refused %{peer_ip:ip}"
    sample: "refused 198.51.100.66"
`;
  test('and other members complete it', async () => {
    const record = {
      at: 1795500000123,
      text: 'refused 198.51.100.66',
      stream: 'vpn-1/203.0.113.1',
      nat: true,
      labels: { tunnel: 't1' },
    };
    const other = { ...record, text: 'refused 198.51.100.66', stream: 'vpn-2/203.0.113.2' };
    const lines = [record, other, other, record, { ...record, text: 'something\nelse' }];
    const { events } = await parseWith(examplePack(LINES), lines.map((line) => JSON.stringify(line)).join('\n'), true);
    expect(events.map(({ msg_type, dst_ip }) => [msg_type, dst_ip])).toEqual([
      ['auth_failed', '203.0.113.1'],
      ['auth_failed', '203.0.113.2'],
      ['auth_failed', '203.0.113.2'],
      ['auth_failed', '203.0.113.1'],
      ['unparsed', undefined],
    ]);
    expect(events[0]).toMatchObject({ timestamp: '2026-11-24T06:00:00.123Z', connection: 't1', nat_detected: true });
    expect(events[4]!.message).toBe('something\\nelse');
  });
});

describe('pairs, columns and RFC 5424', () => {
  test('pairs, wherever they begin', async () => {
    const pack = examplePack(`
select: { where: { subtype: vpn } }
structured: { pairs: {} }
envelopes:
  - envelope: pairs
    means: "Pairs."
    kv: { begins: "date=", has: [logid], fields: { timestamp: "date time tz", host: devname } }
empty: ["N/A"]
take: { remip: peer_ip, cookies: "%{ike_spi_i:hex}/%{ike_spi_r:hex}", user: user_identity, spi: { field: esp_spi_in, type: decimal } }
events:
  - event: ike_failed
    when: { logid: 37124 }
    sample: 'date=2026-11-24 time=06:00:00 tz="+0100" devname="fw 1" subtype="vpn" logid=37124 remip=198.51.100.66 cookies="0a1b/0000" user="N/A" spi=255'
`);
    const { sample } = pack.parsers[0]!.records.codes[0]!;
    const { events } = await parseWith(
      pack,
      [sample, `<189>${sample}`, `Nov 24 06:00:00 relay ${sample}`, 'key=value'].join('\n'),
    );
    expect(events.map(({ msg_type }) => msg_type)).toEqual(['ike_failed', 'ike_failed', 'ike_failed', 'other']);
    expect(events[1]).toEqual({
      timestamp: '2026-11-24T05:00:00.000Z',
      host: 'fw 1',
      msg_type: 'ike_failed',
      outcome: 'failure',
      ike_spi_i: '0a1b',
      ike_spi_r: '0000',
      esp_spi_in: '000000ff',
      peer_ip: '198.51.100.66',
      src_ip: '198.51.100.66',
    });
  });

  test('columns, named by the parser or by a header line', async () => {
    const pack = examplePack(`
select: { where: { path: ipsec } }
structured: { columns: {} }
envelopes:
  - envelope: columns
    means: "Columns."
    csv: { separator: "\\t", header: "#fields\\t", columns: [ts, path, peer], has: [peer], fields: { timestamp: ts } }
take: { peer: peer_ip }
events:
  - event: ike_init_received
    when: { path: ipsec }
    sample: "1795500000.5\\tipsec\\t198.51.100.66"
`);
    const text = ['1795500000.25\tipsec\t198.51.100.66', '#fields\tpeer\tts\tpath', '198.51.100.67\t1795500000\tipsec'].join(
      '\n',
    );
    const { events } = await parseWith(pack, text);
    expect(events.map(({ msg_type, timestamp, peer_ip }) => [msg_type, timestamp, peer_ip])).toEqual([
      ['ike_init_received', '2026-11-24T06:00:00.250Z', '198.51.100.66'],
      ['ignored', undefined, undefined],
      ['ike_init_received', '2026-11-24T06:00:00.000Z', '198.51.100.67'],
    ]);
  });

  test('structured data of syslog, with or without a message', async () => {
    const pack = examplePack(`
select: { program: [kmd] }
structured: { data: {} }
envelopes:
  - envelope: data
    means: "Structured data."
    rfc5424: { fields: { timestamp: timestamp, host: host, program: program, pid: pid, message: message } }
take: { data.remote-address: peer_ip }
events:
  - event: child_established
    when: { msgid: SA_UP }
    sample: '<30>1 2026-11-24T06:00:00.5+10:00 gw kmd 89 SA_UP [x@1.2 remote-address="198.51.100.66" note="a \\"b\\" \\\\ [c\\]"]'
  - event: daemon_started
    line: "started"
    sample: "started"
`);
    const { sample } = pack.parsers[0]!.records.codes[0]!;
    const text = [
      sample,
      `${sample} free text`,
      sample.replace('SA_UP', '-').concat(' started'),
      sample.replace('kmd', 'other'),
    ].join('\n');
    const { events } = await parseWith(pack, text);
    expect(events.map(({ msg_type }) => msg_type)).toEqual(['child_established', 'child_established', 'daemon_started', 'other']);
    expect(events[2]).toMatchObject({ timestamp: '2026-11-23T20:00:00.500Z', host: 'gw', pid: 89, peer_ip: '198.51.100.66' });
  });
});

describe('hostile records', () => {
  const pack = examplePack(CODES);
  test.each([
    ['a number where members are', '{"log":7}'],
    ['deep nesting', `${'{"log":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['a list where a text is', '{"log":{"code":[{}],"source":"Example-IKE"}}'],
    [
      'names of prototypes',
      '{"__proto__":{"x":1},"constructor":{},"log":{"code":7,"source":"Example-IKE","data":{"__proto__":1}}}',
    ],
    ['no end', '<Event><System><EventID>7'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "b">]><Event><System><EventID>7</EventID></System></Event>'],
    ['deep elements', `${'<Event>'.repeat(100_000)}`],
    [
      'names of prototypes in XML',
      '<Event><__proto__ a="b">c</__proto__><System><EventID>7</EventID><Provider Name="Example-IKE"/></System></Event>',
    ],
    [
      'an attribute with the name of a group',
      '<Event><EventData Data="x"><Data Name="y">z</Data></EventData><System><EventID>7</EventID></System></Event>',
    ],
    ['a time out of range', '{"@timestamp":"9999999999999999999","log":{"code":7,"source":"Example-IKE"}}'],
    ['control characters', '{"log":{"code":7,"source":"Example-IKE","data":{"Who":"a\\u0000\\u001b[31m\\n\\"}"}}}'],
    [
      'a member of a million characters',
      `{"log":{"code":7,"source":"Example-IKE","data":{"Who":"${'\\u0001'.repeat(1_000_000)}"}}}`,
    ],
  ])('%s', async (_, record) => {
    const { events, counts } = await parseWith(pack, record);
    expect(counts.read).toBe(counts.events + counts.ignored + counts.unparsed + counts.other);
    expect(events).toHaveLength(counts.read);
  });

  test('a forged beginning swallows nothing', async () => {
    const { events } = await parseWith(pack, ['{', 'one', '<Event', 'two', '}', 'three', '<Event ', 'four'].join('\n'));
    expect(events.map(({ message }) => message)).toEqual(['{', 'one', '<Event', 'two', '}', 'three', '<Event ', 'four']);
  });

  test.each([
    ['pairs', (n: number) => decodePairs(`${'a '.repeat(n)}=`, { assign: '=', between: ' ' })],
    ['quotes', (n: number) => decodePairs('a="\\" '.repeat(n), { assign: '=', between: ' ' })],
    ['columns', (n: number) => decodeColumns('"a""b,'.repeat(n), ',', [])],
    ['structured data', (n: number) => decodeSyslog(`<1>1 a b c d e ${'[a b="c"]'.repeat(n)}`)],
    ['elements', (n: number) => decodeXml(`<a>${'<Data>x</Data>'.repeat(n)}</a>`, { Data: 'Name' })],
    ['attributes', (n: number) => decodeXml(`<a ${'b="c" '.repeat(n)}/>`, {})],
    ['references', (n: number) => decodeXml(`<a>${'&amp'.repeat(n)}</a>`, {})],
  ])('%s end in time, however long they are', (_, decode) => {
    decode(300_000); // quadratic, this would outlast the test's limit many times over
  });
});

describe('decoding', () => {
  test('XML', () => {
    expect(decodeXml('<a x="1"><!-- c --><b>t</b><b/><c><![CDATA[<&]]></c><n:d>&#65;&lt;&unknown;</n:d></a>', {})).toEqual({
      a: { x: '1', b: ['t', ''], c: '<&', d: 'A<&unknown;' },
    });
    expect(decodeXml('<e><Data>u</Data><Data Name="X">v</Data><Data/></e>', { Data: 'Name' })).toEqual({
      e: { Data: { param1: 'u', X: 'v', param3: '' } },
    });
    expect(decodeXml('<a><b></a>', {})).toBeUndefined();
    expect(decodeXml('<a></a> text', {})).toBeUndefined();
  });
  test('columns', () => {
    expect(decodeColumns('"a ""b"", c",d,', ',', ['x'])).toEqual({ 1: 'a "b", c', x: 'a "b", c', 2: 'd', 3: '' });
  });
  test('paths: places in lists, any member, bytes of a journal', () => {
    const at = (tree: unknown, path: string) => textAt(tree, wayOf(path, {}));
    expect(at({ a: [{ b: 'c' }] }, 'a.0.b')).toBe('c');
    expect(at({ a: { x: 1, y: { b: 'c' } } }, 'a.*.b')).toBe('c');
    expect(at({ a: [104, 105] }, 'a')).toBe('hi');
    expect(at({ a: 1 }, 'toString')).toBe('');
  });
  test.each([
    ['1795500000', '2026-11-24T06:00:00.000Z'],
    ['1795500000.123', '2026-11-24T06:00:00.123Z'],
    ['1795500000123', '2026-11-24T06:00:00.123Z'],
    ['1795500000123456', '2026-11-24T06:00:00.123Z'],
    ['1795500000123456789', '2026-11-24T06:00:00.123Z'],
    ['11/24/2026 06:00:00', '2026-11-24T06:00:00.000Z'],
    ['11/24/2026 06:00:00 PM', '2026-11-24T18:00:00.000Z'],
    ['2026-11-24 06:00:00 -0500', '2026-11-24T11:00:00.000Z'],
    ['2026-11-24T06:00:00.123456700Z', '2026-11-24T06:00:00.123Z'],
  ])('the time %s', (text, iso) => {
    expect(new Date(parseStamp(text, { now: 0, zone: 'UTC' })!).toISOString()).toBe(iso);
  });
});
