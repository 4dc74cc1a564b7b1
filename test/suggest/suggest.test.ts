import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { RecordReader } from '../../generator/engine/record.js';
import { traceTemplate } from '../../generator/engine/trace.js';
import { readTemplate } from '../../generator/lower/read-template.js';
import type { Entry } from '../../generator/model/pack.js';
import { Clusters } from '../../generator/suggest/cluster.js';
import { maskMessage } from '../../generator/suggest/mask.js';
import { proposeEntries, type Proposal } from '../../generator/suggest/propose.js';
import { builtInEngine } from '../support/parse-text.js';

describe('values in a message', () => {
  it.each([
    ['from 198.51.100.66[500] to 2001:db8::1[4500]', ['ip', 'int', 'ip', 'int']],
    ["shared key for 'gw.example.com' - 'bob'", ['text', 'text']],
    ['SPIs c5f1a2b3_i 0xdeadbeef', ['hex']],
    ['SPIs c5f1a2b3 0xdeadbeef', ['hex', 'hex']],
    ['AES_CBC_256 and MODP_2048 at 12', ['int']],
    ['valid until 2026-11-24T06:00:00Z', ['time']],
    ['nothing here', []],
  ])('%s', (message, types) => {
    const pieces = maskMessage(message);
    expect(pieces.map(({ text }) => text).join('')).toBe(message);
    expect(pieces.flatMap(({ type }) => type ?? [])).toEqual(types);
  });

  it('takes no more than linear time on a hostile line', () => {
    for (const text of ["'".repeat(20_000), '1.'.repeat(20_000), 'a:'.repeat(20_000), '0x'.repeat(20_000), '[1'.repeat(20_000)])
      expect(
        maskMessage(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
  });
});

describe('a cluster', () => {
  const proposals = (messages: string[]): Proposal[] => {
    const clusters = new Clusters();
    for (const message of messages) clusters.add(message);
    const { pack } = builtInEngine();
    return proposeEntries(pack, { ...pack.parsers[0]!, entries: [] }, clusters.all());
  };

  it('becomes a line with typed holes, and names fields where the words before them tell', () => {
    const [proposal] = proposals([
      'peer 198.51.100.7 rejected: tunnel blue is full, code 12',
      'peer 198.51.100.9 rejected: tunnel green is full, code 7',
      'peer 192.0.2.1 rejected: tunnel red is full, code 12',
    ]);
    expect(proposal).toMatchObject({
      line: 'peer %{peer_ip:ip} rejected: tunnel %{_:word} is full, code %{_:int}',
      count: 3,
      urgent: true,
    });
  });

  it('keeps what differs in more than values apart, and puts failures first', () => {
    const found = proposals(['link is up now', 'link is up now', 'authentication of the peer failed']);
    expect(found.map(({ line }) => line)).toEqual(['authentication of the peer failed', 'link is up now']);
  });

  it('takes the event of the nearest line that is known', () => {
    expect(proposals(['no IKE config found for 203.0.113.10...198.51.100.66 today'])[0]!.event).toBe('peer_unknown');
  });
});

describe('on the recorded logs of a parser whose lines were all taken out', () => {
  const engine = builtInEngine();
  const charon = engine.pack.parsers.find(({ name }) => name === 'strongswan.charon')!;
  const seen = new Map<Entry, string>();
  let proposals: Proposal[];

  beforeAll(() => {
    const samples = fileURLToPath(new URL('../../samples/strongswan/', import.meta.url));
    const reader = new RecordReader(engine, { now: Date.parse('2027-01-01'), zone: 'UTC' });
    const clusters = new Clusters();
    for (const scenario of readdirSync(samples)) {
      const log = readFileSync(`${samples}${scenario}/gateway.log`);
      for (let from = 0; from < log.length;) {
        const end = log.indexOf(10, from) < 0 ? log.length : log.indexOf(10, from);
        reader.read(log, from, end);
        from = end + 1;
        if (!reader.leaf || !('template' in reader.leaf.entry)) continue;
        const message = reader.buffer.toString('utf8', reader.messageStart, reader.messageEnd);
        seen.set(reader.leaf.entry, message);
        clusters.add(message);
      }
    }
    proposals = proposeEntries(engine.pack, { ...charon, entries: [] }, clusters.all());
  });

  it('recovers at least 80 % of the literal text of the lines that were seen', () => {
    const templates = proposals.map(({ line }) => readTemplate(line).template);
    let recovered = 0;
    let total = 0;
    for (const [entry, message] of seen) {
      const wanted = literals(entry.template.source);
      const reading = templates.find((template) => traceTemplate(template, message, new Set()).matches);
      const found = reading ? literals(reading.source) : [];
      total += wanted.join('').length;
      for (const word of wanted) {
        const at = found.indexOf(word);
        if (at < 0) continue;
        found.splice(at, 1);
        recovered += word.length;
      }
    }
    expect(seen.size).toBeGreaterThan(250);
    expect(recovered / total).toBeGreaterThan(0.8);
  });

  it('proposes valid lines that read their own samples', () => {
    for (const { line, sample } of proposals) {
      const { template, problems } = readTemplate(line);
      expect(problems).toEqual([]);
      expect(traceTemplate(template, sample, new Set()).matches, line).toBe(true);
    }
  });
});

function literals(source: string): string[] {
  return source.replace(/%\{[^}]*\}/g, ' ').match(/\w+/g) ?? [];
}
