import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileMatcher } from '../../generator/engine/compile-matcher.js';
import { Core } from '../../generator/engine/core.js';
import { readTemplate } from '../../generator/lower/read-template.js';
import { templateVariants } from '../../generator/lower/variants.js';

const PEER_CONTROLLED = new Set(['peer_id', 'local_id']);

/** Reads `text` with several lines at once. @returns the line's number and its captures, or undefined */
function read(lines: string[], text: string): { line: number; captures: Record<string, string> } | undefined {
  const fields: string[] = [];
  const slotOf = (field: string) => (fields.includes(field) ? fields.indexOf(field) : fields.push(field) - 1);
  const variants = lines.flatMap((source, leaf) => {
    const { template, problems } = readTemplate(source);
    expect(problems).toEqual([]);
    return templateVariants(template, PEER_CONTROLLED).map((variant) => ({ variant, leaf }));
  });
  const matcher = compileMatcher(variants, slotOf);
  const core = new Core();
  const line = core.matchText(matcher, Buffer.from(text));
  const { bytes, starts, ends } = core;
  if (line < 0) return undefined;
  const own = readTemplate(lines[line]!).template.parts.flatMap((part) =>
    part.kind === 'capture' && part.field !== '_' ? [part.field] : [],
  );
  return {
    line,
    captures: Object.fromEntries(own.map((field) => [field, bytes.toString('utf8', starts[slotOf(field)], ends[slotOf(field)])])),
  };
}

describe('a capture takes what its type says', () => {
  test.each([
    ['%{peer_ip:ip} is', '198.51.100.66 is', { peer_ip: '198.51.100.66' }],
    ['%{peer_ip:ip} is', '2001:db8::1 is', { peer_ip: '2001:db8::1' }],
    ['%{peer_ip:ip} is', '::ffff:192.0.2.1 is', { peer_ip: '::ffff:192.0.2.1' }],
    ['%{peer_ip:ip} is', '2001:db8:0:1:2:3:4:5 is', { peer_ip: '2001:db8:0:1:2:3:4:5' }],
    ['%{peer_ip:ip} is', '02:00:5e:10:00:01 is', undefined],
    ['%{peer_ip:ip} is', '02:00:5e:10:00:01:12345:1 is', undefined],
    ['%{peer_ip:ip} is', 'gateway is', undefined],
    ['%{peer_ip:ip} is', 'deadbeef is', undefined],
    ['%{local_ip:ip}...%{peer_ip:ip}', '203.0.113.10...198.51.100.66', { local_ip: '203.0.113.10', peer_ip: '198.51.100.66' }],
    ['%{local_ip:ip}...%{peer_ip:ip}', '2001:db8::1...2001:db8::2', { local_ip: '2001:db8::1', peer_ip: '2001:db8::2' }],
    ['at %{a:address}:%{p:service}', 'at 198.51.100.66:500', { a: '198.51.100.66', p: '500' }],
    ['at %{a:address}:%{p:service}', 'at 198.51.100.66:UDP/4500', { a: '198.51.100.66', p: '4500' }],
    ['at %{a:address}:%{p:service}', 'at [2001:db8::1]:TCP/4500', { a: '2001:db8::1', p: '4500' }],
    ['at %{a:address}:%{p:service}', 'at 2001:db8::1:4500', { a: '2001:db8::1', p: '4500' }],
    ['at %{a:address}:%{p:service}', 'at ::ffff:192.0.2.1:500', { a: '::ffff:192.0.2.1', p: '500' }],
    ['at %{a:address}: %{m:rest}', 'at 2001:db8::1: up', { a: '2001:db8::1', m: 'up' }],
    ['at %{a:address}:%{p:service}', 'at gateway:500', undefined],
    ['at %{a:address}:%{p:service}', 'at [gateway]:500', undefined],
    ['at %{a:address}:%{p:service}', 'at 198.51.100.66:SCTP/500', undefined],
    ['at %{a:address}:%{p:service}', 'at 198.51.100.66:', undefined],
    ['in=%{b:size} x', 'in=12KB x', { b: '12KB' }],
    ['in %{n:int}s', 'in -12s', { n: '-12' }],
    ['in %{n:int}s', 'in s', undefined],
    ['[%{p:port}]', '[45000]', { p: '45000' }],
    ['[%{p:port}]', '[450000]', undefined],
    ['SPI %{spi:hex}_i', 'SPI c248e431_i', { spi: 'c248e431' }],
    ['to %{name:word}[x', 'to a.b-c[x', { name: 'a.b-c' }],
    ['to %{name:word}[x', 'to a b[x', undefined],
    ["for '%{id:text}' - '%{other:text}'", "for 'a' - 'b' - 'c'", { id: 'a', other: "b' - 'c" }],
    ["of '%{id:identity}' with %{how:text}", "of 'x' with y' with z", { id: "x' with y", how: 'z' }],
    ["'%{id:text}'", "''", { id: '' }],
    ['a %{more:rest}', 'a b c', { more: 'b c' }],
    ['a %{more:rest}', 'a ', undefined],
    ['until %{t:time}', 'until Nov  2 07:00:00 UTC 2026', { t: 'Nov  2 07:00:00 UTC 2026' }],
    ['%{t:timestamp} x', 'Feb 9 23:21:05 x', { t: 'Feb 9 23:21:05' }],
    ['%{t:timestamp} x', '2026-11-24T06:27:25+0000.045181 x', { t: '2026-11-24T06:27:25+0000.045181' }],
    ['%{t:timestamp} x', 'Now  2 07:00:00 x', undefined],
  ])('%s on %j', (line, text, captures) => {
    expect(read([line], text)?.captures).toEqual(captures);
  });
});

describe('specificity decides between lines, not their order', () => {
  test.each([
    [
      'a literal beats a capture',
      ['response [ %{payloads:payloads} ]', 'response [ N(AUTH_FAILED) ]'],
      'response [ N(AUTH_FAILED) ]',
      1,
    ],
    [
      'and the capture takes what the literal does not',
      ['response [ %{payloads:payloads} ]', 'response [ N(AUTH_FAILED) ]'],
      'response [ N(AUTH_FAILED) SA ]',
      0,
    ],
    ['a number beats a word', ['id %{a:word} x', 'id %{b:int} x'], 'id 7 x', 1],
    ['an address beats text', ['%{a:text} is up', '%{b:ip} is up'], '192.0.2.1 is up', 1],
    ['text takes what is no address', ['%{a:text} is up', '%{b:ip} is up'], 'eth0 is up', 0],
    ['a longer tail beats a shorter one', ['%{a:text} failed', '%{a:text} method failed'], 'EAP method failed', 1],
  ])('%s', (_, lines, text, line) => {
    expect(read(lines, text)?.line).toBe(line);
    expect(read([...lines].reverse(), text)?.line).toBe(lines.length - 1 - line);
  });
});

describe('an identity cannot imitate an address', () => {
  const lines = ['from %{local_ip:ip}[%{local_id:text}]...%{peer_ip:ip}[%{peer_id:text}]', 'from %{_:rest}'];
  test.each([
    ['an honest line', 'from 203.0.113.10[gw]...198.51.100.66[eve]', 0],
    ['in the asked identity', 'from 203.0.113.10[gw]...192.0.2.99[x]...198.51.100.66[eve]', 1],
    ["in the peer's identity", 'from 203.0.113.10[gw]...198.51.100.66[a]...192.0.2.99[b]', 1],
  ])('%s', (_, text, line) => {
    expect(read(lines, text)?.line).toBe(line);
  });
});

describe('properties', () => {
  const lines = [
    "tried %{n:int} shared key%{s?} for '%{local_id:text}' - '%{peer_id:text}', but MAC mismatched",
    "no shared key found for '%{local_id:text}' - '%{peer_id:text}'",
    '%{a:word} %{b:text} x %{c:identity} y',
  ];

  test('a line is found again from its own captures', () => {
    const name = fc.string({ unit: fc.constantFrom(...'ab.@- '), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(1000), name, name, (n, local, peer) => {
        const text = `tried ${n} shared keys for '${local}' - '${peer}', but MAC mismatched`;
        expect(read(lines, text)).toEqual({ line: 0, captures: { n: String(n), local_id: local, peer_id: peer } });
      }),
    );
  });

  test('no text makes it throw, and captures lie inside the text', () => {
    const unit = fc.constantFrom(
      'tried ',
      '1',
      " shared key for '",
      "' - '",
      "', but MAC mismatched",
      ' x ',
      ' y',
      'é',
      '\u0000',
      ' ',
      'no shared key found for ',
      "'",
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        for (const value of Object.values(read(lines, text)?.captures ?? {})) expect(text).toContain(value);
      }),
    );
  });
});
