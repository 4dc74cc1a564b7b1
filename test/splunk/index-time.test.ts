/** Index time: which records get a parser's source type, and where a record ends. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseText } from '../support/parse-text.js';
import { indexText } from './emulator/index-time.js';
import { charon, props, transforms } from './support/built.js';
import { Pcre } from './support/pcre.js';

let pcre: Pcre;
beforeAll(async () => {
  pcre = await Pcre.create();
});
afterAll(() => pcre.destroy());

const sample = (name: string) => readFileSync(new URL(`../../samples/strongswan/psk-brute/${name}`, import.meta.url), 'utf8');

describe('routing by program', () => {
  it.each(['gateway.log', 'gateway.rfc5424.log', 'gateway.forwarded.log', 'gateway.authpriv.log'])(
    'takes from %s what the engine gives to charon',
    async (name) => {
      const lines = sample(name).split('\n').filter(Boolean);
      const { events } = await parseText(lines.join('\n'), { stitch: false, include: ['ignored', 'other'] });
      const route = transforms.get('ikeaudit_charon_route')!.get('REGEX')!;
      expect(lines.map((line) => pcre.match(route, line) !== undefined)).toEqual(
        events.map(({ msg_type }) => msg_type !== 'other'),
      );
    },
  );

  it.each([
    ['a program whose name begins alike', 'Nov 24 06:00:00 gw charond[1]: 05[IKE] IKE_SA deleted'],
    ['charon inside of another record', 'Nov 24 06:00:00 gw logger[1]: Nov 24 06:00:00 gw charon[1]: 05[IKE] IKE_SA deleted'],
    ['a host of that name', 'Nov 24 06:00:00 charon sshd[1]: Connection closed'],
  ])('does not take %s', (_, line) => {
    expect(pcre.match(transforms.get('ikeaudit_charon_route')!.get('REGEX')!, line)).toBeUndefined();
  });
});

describe('a record', () => {
  const settings = props.get(charon.sourcetype)!;

  it.each([
    ['ends with the line', 'a\nb\n', ['a', 'b']],
    ['loses the carriage return of a CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['keeps another one', 'a\rb\r\r\n', ['a\rb\r']],
    ['is never empty', 'a\n\n\r\n\nb', ['a', 'b']],
  ])('%s', (_, text, records) => {
    const breaker = new RegExp(settings.get('LINE_BREAKER')!, 'g');
    const found: string[] = [];
    let from = 0;
    for (const { index, 0: gap } of text.matchAll(breaker)) {
      found.push(text.slice(from, index));
      from = index + gap.length;
    }
    expect([...found, text.slice(from)].filter(Boolean)).toEqual(records);
  });

  it('goes on with indented lines where its device writes such', () => {
    const text = readFileSync(new URL('../../samples/cisco/ios/lines.log', import.meta.url), 'utf8');
    const records = indexText(text, { sourcetype: 'cisco:ios:ike', host: 'h', now: 1.8e9 }, props, transforms, pcre);
    expect(records.map(({ raw }) => raw.replace(/^.*?%/, '%'))).toHaveLength(7);
    expect(records[0]!.raw).toMatch(/replay check failed connection id=29, sequence number=219$/);
    expect(records[5]!.raw).toMatch(
      / 0 secs\. Issuer-name cn=Example CA Subject-name cn=gw\.example\.com Serial-number 0x02 Auto-Renewal: Not enabled$/,
    );
  });

  it('is never merged with its neighbour', () => {
    expect(settings.get('SHOULD_LINEMERGE')).toBe('false');
  });

  it.each([
    ['Nov 24 06:00:00 gw charon[1]: x', '', '%b %d %H:%M:%S'],
    ['<30>Nov 24 06:00:00 gw charon[1]: x', '<30>', '%b %d %H:%M:%S'],
    ['Nov 24 06:00:00 05[IKE] x', '', '%b %d %H:%M:%S'],
  ])('%s: its time begins after the prefix', (line, prefix, format) => {
    expect(pcre.match(settings.get('TIME_PREFIX')!, line)!['0']).toBe(prefix);
    expect(settings.get('TIME_FORMAT')).toBe(format);
  });
});
