import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printDiagnostics } from '../../generator/check/print-diagnostic.js';
import { compile } from '../../generator/compile.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ikeaudit-content-'));
  cpSync('mappings', join(root, 'mappings'), { recursive: true });
  mkdirSync(join(root, 'parsers/example'), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true }));

const PARSER = `parser: example.daemon
title: Example
vendor: Example
product: daemon
dataset: example
sourcetype: "example:daemon"
select: { program: [exampled] }
header:
  - "%{message:rest}"
events:
  - event:  ike_init_received
    line:   "%{peer_ip:ip} is initiating an IKE_SA"
    sample: "198.51.100.66 is initiating an IKE_SA"
  - event:  peer_unknown
    line:   "no config for %{local_ip:ip}...%{peer_ip:ip}, sending %{notify:notify}"
    sample: "no config for 203.0.113.1...198.51.100.66, sending NO_PROPOSAL_CHOSEN"
`;

async function diagnose(text: string): Promise<string> {
  writeFileSync(join(root, 'parsers/example/daemon.yml'), text);
  const { diagnostics, documents } = await compile([{ path: root, shown: '' }]);
  return printDiagnostics(diagnostics, documents);
}

test('a sound parser has no diagnostics', async () => {
  expect(await diagnose(PARSER)).toBe('');
});

describe('a diagnostic has a place, a sentence, a guess where one is near, and a frame', () => {
  test('an unknown capture type', async () => {
    expect(await diagnose(PARSER.replace('%{peer_ip:ip} is', '%{peer_ip:ipv4} is'))).toBe(
      `parsers/example/daemon.yml:12:24 known-capture-type
  Unknown capture type "ipv4". Did you mean "ip"?

11 |   - event:  ike_init_received
12 |     line:   "%{peer_ip:ipv4} is initiating an IKE_SA"
   |                        ^^^^
13 |     sample: "198.51.100.66 is initiating an IKE_SA"`,
    );
  });

  test('a line that misses its sample', async () => {
    expect(await diagnose(PARSER.replace('100.66, sending NO', '100.66 sending NO'))).toBe(
      `parsers/example/daemon.yml:16:55 line-matches-sample
  The line stops matching its sample here. Expected ", sending ".

15 |     line:   "no config for %{local_ip:ip}...%{peer_ip:ip}, sending %{notify:notify}"
16 |     sample: "no config for 203.0.113.1...198.51.100.66 sending NO_PROPOSAL_CHOSEN"
   |                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    );
  });
});

describe('the code and the guess', () => {
  test.each([
    [
      'an unknown event',
      ['event:  ike_init_received', 'event:  ike_init_recieved'],
      'known-event',
      'Did you mean "ike_init_received"?',
    ],
    ['an unknown field', ['%{peer_ip:ip} is', '%{peer_ipp:ip} is'], 'known-field', 'Did you mean "peer_ip"?'],
    ['an unknown key', ['    sample: "198', '    sampel: "198'], 'known-key', 'Did you mean "sample"?'],
    ['a missing key', ['vendor: Example\n', ''], 'schema', 'The key "vendor" is missing here.'],
    [
      'a value of the wrong type',
      ['select: { program: [exampled] }', 'select: { program: exampled }'],
      'schema',
      '"program" must be a list.',
    ],
    [
      "somebody's host",
      ['"198.51.100.66 is initiating an IKE_SA"', '"198.51.100.66 is initiating an IKE_SA of vpn.acme.de"'],
      'sample-hosts',
      '"vpn.acme.de", which may be somebody\'s',
    ],
    ['a real address', ['"198.51.100.66 is', '"8.8.8.8 is'], 'sample-addresses', '"8.8.8.8", which may be somebody\'s'],
    [
      'a line that stands twice',
      ['no config for %{local_ip:ip}...%{peer_ip:ip}, sending %{notify:notify}', '%{local_ip:ip} is initiating an IKE_SA'],
      'distinct-lines',
      'nothing decides between them',
    ],
    ['text that is no YAML', ['events:\n', 'events: [\n'], 'yaml-syntax', ''],
    ['an unclosed capture', ['%{peer_ip:ip} is', '%{peer_ip:ip is'], 'template-syntax', 'This "%{" has no "}".'],
    [
      'a notify that nobody registered',
      ['select:', 'spellings: { notify: { NO_PROP: NO_PROPOSAL_CHOOSEN } }\nselect:'],
      'known-notify',
      'Did you mean "NO_PROPOSAL_CHOSEN"?',
    ],
    [
      'an envelope that is none',
      ['select: { program: [exampled] }', 'select: { program: [exampled], envelope: [cisko] }'],
      'known-envelope',
      'Did you mean "cisco"?',
    ],
    [
      'a line outside of what its parser reads',
      ['select: { program: [exampled] }', 'select: { program: [exampled], begins: ["no config"] }'],
      'line-begins',
      'begins with none of the texts of "begins": "no config"',
    ],
    ['a code that is no field', ['select:', 'code: mesage_code\nselect:'], 'known-field', 'Did you mean "message_code"?'],
    [
      'an origin that is none',
      ['select:', 'origin: public\nsource: a forum\nselect:'].map((text) => text.replace('public', 'publick')),
      'schema',
      'Did you mean "public"?',
    ],
    ['a published sample of nowhere', ['select:', 'origin: public\nselect:'], 'sample-origin', 'no "source" says where'],
    [
      'a value outside its vocabulary',
      ['IKE_SA"\n  - event:  peer_unknown', 'IKE_SA"\n    set:    { role: responer }\n  - event:  peer_unknown'],
      'known-value',
      'Did you mean "responder"?',
    ],
  ])('%s', async (_, [from, to], code, message) => {
    expect(PARSER).toContain(from);
    const printed = await diagnose(PARSER.replace(from!, to!));
    expect(printed).toContain(` ${code}\n`);
    expect(printed).toContain(message);
    expect(printed).not.toMatch(/must NOT have|undefined/);
  });
});

test('all errors are shown at once, in the order of the file', async () => {
  const printed = await diagnose(
    PARSER.replace('%{peer_ip:ip} is', '%{peer_ip:ipv4} is').replace('%{local_ip:ip}...', '%{local_ip:adress}...'),
  );
  expect(printed.match(/^parsers.*/gm)).toEqual([
    'parsers/example/daemon.yml:12:24 known-capture-type',
    'parsers/example/daemon.yml:15:39 known-capture-type',
  ]);
});

test('the built-in content has no diagnostics', async () => {
  const { diagnostics, documents } = await compile();
  expect(printDiagnostics(diagnostics, documents)).toBe('');
});

const RECORDS = `parser: example.daemon
title: Example
vendor: Example
product: daemon
dataset: example
sourcetype: "example:daemon"
select: { where: { source: ike } }
structured: { example-json: {} }
envelopes:
  - envelope: example-json
    means: "Example's record."
    json: { has: [code], fields: { timestamp: at } }
tables:
  failures: { "1": { notify: AUTHENTICATION_FAILED } }
take: { peer: peer_ip }
events:
  - event: auth_failed
    when: { code: 7, kind: ike }
    take: { error: { table: failures } }
    sample: '{"source":"ike","kind":"ike","code":7,"peer":"198.51.100.66","error":1}'
  - event: ike_failed
    when: { code: 7 }
    sample: '{"source":"ike","code":7}'
`;

describe('structured records', () => {
  test('a sound parser has no diagnostics', async () => {
    expect(await diagnose(RECORDS)).toBe('');
  });
  test.each([
    [
      'an envelope that there is not',
      ['structured: { example-json', 'structured: { example-jsno'],
      'known-envelope',
      'Did you mean "example-json"?',
    ],
    ['an unknown field', ['{ peer: peer_ip }', '{ peer: peer_pi }'], 'known-field', 'Did you mean "peer_ip"?'],
    ['an unknown table', ['table: failures }', 'table: failure }'], 'known-table', 'Did you mean "failures"?'],
    [
      'an unknown type',
      ['table: failures }', 'field: lifetime, type: algorythm }'],
      'known-capture-type',
      'Did you mean "algorithm"?',
    ],
    [
      'an unknown notify',
      ['AUTHENTICATION_FAILED }', 'AUTHENTICATION_FALIED }'],
      'known-notify',
      'Did you mean "AUTHENTICATION_FAILED"?',
    ],
    ['an entry without codes or words', ['    when: { code: 7 }\n', ''], 'line-or-when', 'either a "line"'],
    [
      'a sample that is no record',
      [`'{"source":"ike","code":7}'`, '"code 7"'],
      'sample-is-record',
      'no record of a known spelling',
    ],
    [
      'a sample that is not selected',
      [`'{"source":"ike","code":7}'`, `'{"source":"x","code":7}'`],
      'sample-is-record',
      'it has "x" at "source"',
    ],
    [
      'a sample that misses a code',
      ['"kind":"ike","code":7', '"kind":"ike","code":8'],
      'sample-matches-its-line',
      'The sample has "8" at "code", not "7".',
    ],
    [
      'a sample of a more specific entry',
      [`'{"source":"ike","code":7}'`, `'{"source":"ike","code":7,"kind":"ike"}'`],
      'sample-matches-its-line',
      'more specific entry of "auth_failed"',
    ],
    [
      'a path of an entry that its sample does not have',
      ['"error":1', '"errno":1'],
      'path-in-sample',
      'nothing at "error". There are: source, kind, code, peer, errno.',
    ],
    [
      'a path that no sample has',
      ['{ peer: peer_ip }', '{ peer: peer_ip, local: local_ip }'],
      'path-in-sample',
      'No sample has anything at "local".',
    ],
    [
      'two entries that nothing decides between',
      ['when: { code: 7 }', 'when: { code: 7, source: ike }'],
      'distinct-lines',
      'nothing decides between them',
    ],
    ["somebody's address", ['198.51.100.66', '8.8.8.8'], 'sample-addresses', 'may be somebody'],
    [
      'an unknown parser to take lines from',
      ['tables:', 'lines_of: example.demon\ntables:'],
      'known-parser',
      'Unknown parser "example.demon".',
    ],
  ])('%s', async (_, [from, to], code, text) => {
    const printed = await diagnose(RECORDS.replace(from!, to!));
    expect(printed).toContain(code);
    expect(printed).toContain(text);
  });
});
