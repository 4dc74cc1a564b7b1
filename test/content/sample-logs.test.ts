import { describe, expect, it } from 'vitest';
import { Anonymizer } from '../../generator/anonymize/anonymize.js';
import { checkLogs } from '../../generator/check/check-logs.js';
import { loadPack } from '../../generator/compile.js';
import { BUILT_IN_CONTENT } from '../../generator/load/content-files.js';
import { loadSampleLogs } from '../../generator/load/load-sample-logs.js';

const pack = loadPack();
const told = (text: string) =>
  checkLogs([{ file: 'samples/a/gateway.log', text }], pack).map(({ message }) => /"(.*?)"/.exec(message)![1]);

describe('a log among the samples', () => {
  it.each([
    ['a public address', 'IKE_SA with 8.8.8.8', ['8.8.8.8']],
    ['a public IPv6 address', 'from 2a02:1234:5678::9[500]', ['2a02:1234:5678::9']],
    ["a company's host", 'asked for vpn.acme.de', ['vpn.acme.de']],
    ['a host in an address of mail', "EAP identity 'bob@acme.com'", ['acme.com']],
    ['a host in a distinguished name', 'C=DE, O=Acme, CN=gw.acme.cloud', ['gw.acme.cloud']],
    ['a revocation list', 'fetching crl from http://crl.acme.net/ca.crl', ['crl.acme.net']],
    ['an inner name', 'Nov 24 06:00:00 gw.corp.local charon[1]: x', ['gw.corp.local']],
  ])('must not hold %s', (_, line, wanted) => {
    expect(told(`first line\n${line}\n`)).toEqual(wanted);
  });

  it.each([
    ['documentation addresses', '192.0.2.1 198.51.100.2 203.0.113.3 2001:db8::4'],
    ['private addresses', '10.1.2.3 172.16.0.1 192.168.1.1 fd00::1 fe80::1'],
    ['example names', 'gw.example.com bob@example.net CN=x.example.org vpn.example host.test'],
    ['files, versions and words', 'loaded /etc/ipsec.conf by charon 5.9.8 with john.doe, worker.start and 13.0.1'],
    ['what is left of an address in a torn line', 'addconn: 13::10]:UDP/4500 (NAT)'],
    ['a web site', 'x-info="https://www.rsyslog.com"'],
    ['what the product itself writes', "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"],
  ])('may hold %s', (_, line) => {
    expect(told(line)).toEqual([]);
  });

  it('is told once for each value, with its place, and not a thousand times', () => {
    const text = Array.from({ length: 40 }, (_, i) => `peer 9.9.9.${i} again 9.9.9.${i}`).join('\n');
    const found = checkLogs([{ file: 'a', text }], pack);
    expect(found).toHaveLength(5);
    expect(text.slice(found[1]!.place.start, found[1]!.place.end)).toBe('9.9.9.1');
    expect(found[4]!.message).toContain('So do 35 others of this file.');
  });

  it('is right once it was anonymised', () => {
    const log =
      'Nov 24 06:00:00 gw.acme.de charon[1]: 05[CFG] looking for peer configs matching 8.8.8.8[gw.acme.de]...9.9.9.9[bob@acme.com]';
    expect(told(log)).toHaveLength(4);
    expect(told(new Anonymizer(Buffer.from('test')).line(log))).toEqual([]);
  });
});

it('all logs here are anonymised', () => {
  const logs = loadSampleLogs([BUILT_IN_CONTENT]);
  expect(logs.length).toBeGreaterThan(200);
  expect(checkLogs(logs, pack)).toEqual([]);
});
