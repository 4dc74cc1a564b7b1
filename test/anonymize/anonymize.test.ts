import { describe, expect, it } from 'vitest';
import { Addresses } from '../../generator/anonymize/addresses.js';
import { Anonymizer } from '../../generator/anonymize/anonymize.js';
import { Names } from '../../generator/anonymize/names.js';
import { foreignAddresses } from '../../generator/check/check-addresses.js';

const SECRET = Buffer.from('test');

describe('an address', () => {
  it('keeps its network, and gets one that belongs to nobody', () => {
    const addresses = new Addresses(SECRET);
    const [a, b, c] = ['75.99.83.90', '75.99.83.91', '8.8.8.8'].map((text) => addresses.pseudonym(text));
    expect(a!.split('.').slice(0, 3)).toEqual(b!.split('.').slice(0, 3));
    expect(a!.split('.').slice(0, 3)).not.toEqual(c!.split('.').slice(0, 3));
    expect(new Set([a, b, c]).size).toBe(3);
    expect(foreignAddresses(`${a} ${b} ${c}`)).toEqual([]);
    expect(addresses.pseudonym('75.99.83.90')).toBe(a);
  });

  it('of a thousand networks is still nobody’s, and each has its own', () => {
    const addresses = new Addresses(SECRET);
    const mapped = Array.from({ length: 500 }, (_, i) => addresses.pseudonym(`44.${i >> 8}.${i & 255}.9`));
    expect(new Set(mapped).size).toBe(500);
    expect(foreignAddresses(mapped.join(' '))).toEqual([]);
  });

  it.each([
    ['10.1.2.3', /^10\./],
    ['172.20.1.1', /^172\.(1[6-9]|2\d|3[01])\./],
    ['192.168.7.1', /^192\.168\./],
    ['2a02:1234:5678::9', /^2001:db8:/],
    ['fd12:3456:789a::1', /^fd00:/],
  ])('%s stays of its kind', (text, kind) => {
    const mapped = new Addresses(SECRET).pseudonym(text);
    expect(mapped).toMatch(kind);
    expect(mapped).not.toBe(text);
  });

  it.each(['127.0.0.1', '0.0.0.0', '255.255.255.255', 'fe80::1', '::', '06:04:20'])('%s stays as it is', (text) => {
    expect(new Addresses(SECRET).pseudonym(text)).toBe(text);
  });

  it('of IPv6 keeps its site and network', () => {
    const addresses = new Addresses(SECRET);
    const [a, b] = ['2a02:1234:5678:1::9', '2a02:1234:5678:1::a'].map((text) =>
      addresses.pseudonym(text).split(':').slice(0, 4).join(':'),
    );
    expect(a).toBe(b);
  });
});

describe('a name', () => {
  it.each([
    ['bob@acme.ch', 'user1@example.com'],
    ['vpn.acme.ch', 'host1.example.com'],
    ['C=CH, O=Acme AG, CN=gw.acme.ch', 'C=CH, O=Example Org 1, CN=host1.example.com'],
    ['bob', 'name1'],
    ['%any', '%any'],
    ['gw.example.com', 'gw.example.com'],
  ])('%s becomes %s', (text, mapped) => {
    expect(new Names().name(text)).toBe(mapped);
  });

  it('is the same each time, whatever its case', () => {
    const names = new Names();
    expect(names.name('VPN.acme.ch')).toBe(names.name('vpn.ACME.ch'));
    expect(names.name('mail.acme.ch')).toBe('host2.example.com');
  });
});

describe('a line', () => {
  const anonymizer = new Anonymizer(SECRET);
  anonymizer.learn([
    { text: 'blue-office', kind: 'conn' },
    { text: 'fw01', kind: 'gw' },
  ]);

  it('loses every name and address, and keeps what it says', () => {
    const line =
      'Nov 24 06:04:20 fw01 charon[809]: 11[CFG] <blue-office|7> looking for 75.99.83.90[vpn.acme.ch]...8.8.4.4[C=CH, O=Acme AG, CN=bob@acme.ch]';
    const changed = anonymizer.line(line);
    for (const secret of ['fw01', 'blue-office', 'acme', 'Acme', '75.99', '8.8.4', 'bob']) expect(changed).not.toContain(secret);
    expect(changed).toMatch(
      /^Nov 24 06:04:20 gw1 charon\[809\]: 11\[CFG\] <conn1\|7> looking for 198\.51\.100\.\d+\[host1\.example\.com\]\.\.\.203\.0\.113\.\d+\[C=CH, O=Example Org 1, CN=user1@example\.com\]$/,
    );
  });

  it('does not change a word that only contains a name', () => {
    expect(anonymizer.line('fw012 and xfw01 and fw01x')).toBe('fw012 and xfw01 and fw01x');
  });

  it('keeps algorithms, versions, SPIs and times', () => {
    const line =
      'selected proposal: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048; SPIs c1a2_i 5.9.8 at 06:04:20, strongswan.conf';
    expect(anonymizer.line(line)).toBe(line);
  });

  it('is read in linear time where it is hostile', () => {
    const hostile = ['@'.repeat(30_000), 'CN='.repeat(10_000), '1.'.repeat(15_000), 'a:'.repeat(15_000), 'a.'.repeat(15_000)];
    for (const text of hostile) expect(anonymizer.line(text).length).toBeGreaterThan(0);
  });
});
