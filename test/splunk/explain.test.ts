import { describe, expect, it } from 'vitest';
import { explainSplunk } from '../../generator/targets/splunk/explain.js';
import { charon, pack } from './support/built.js';

const idOf = (event: string) => charon.entries.find((entry) => entry.event === event)!.id;

describe('explainSplunk', () => {
  it('shows the stanza that reads a line', () => {
    const lines = explainSplunk(pack, 'strongswan.charon', idOf('packet_received'));
    expect(lines[0]).toMatch(/^transforms \[ikeaudit_charon_packet_received/);
    expect(lines.join('\n')).toContain('FORMAT = msg_type::packet_received');
  });
  it('shows what reads the values in it', () => {
    expect(explainSplunk(pack, 'strongswan.charon', idOf('proposal_selected')).join('\n')).toContain(
      'then [ikeaudit_charon_proposal_chosen_encryption]',
    );
  });
  it('takes an unknown entry for a fault of ours', () => {
    expect(() => explainSplunk(pack, 'strongswan.charon', 'none')).toThrow('Unexpected entry "none"');
  });
});
