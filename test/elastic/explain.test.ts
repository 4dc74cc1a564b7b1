import { describe, expect, it } from 'vitest';
import { loadPack } from '../../generator/compile.js';
import { explainElastic } from '../../generator/targets/elastic/explain.js';

const pack = loadPack();
const idOf = (event: string) =>
  pack.parsers.find(({ name }) => name === 'strongswan.charon')!.entries.find((entry) => entry.event === event)!.id;

describe('explainElastic', () => {
  it('shows the pipeline, the way through its tree and what the line says', () => {
    const lines = explainElastic(pack, 'strongswan.charon', idOf('packet_received'));
    expect(lines[0]).toBe('pipeline ikeaudit-charon, processor read-record, params.lines:');
    expect(lines[1]).toContain('"received packet: from " {ip -> ikev2.peer.ip}');
    expect(lines[2]).toMatch(/^ {4}params\.meanings\[\d+\] = \{"event":"packet_received"/);
  });
  it('takes an unknown entry for a fault of ours', () => {
    expect(() => explainElastic(pack, 'strongswan.charon', 'none')).toThrow('Unexpected entry "none"');
  });
});
