/** macros.conf: where our events are, what of them is not read, and the peer of an answer that names none. */
import type { EventMatch, Pack, Parser } from '../../model/pack.js';
import { templateFields } from '../../model/template.js';
import type { Stanza } from './conf-file.js';
import { allSourcetypes } from './shipped-records.js';

export function emitMacros(pack: Pack): Stanza[] {
  const sourcetypes = allSourcetypes(pack)
    .map((sourcetype) => `"${sourcetype}"`)
    .join(', ');
  const stitched = pack.parsers.filter((parser) => parser.stitch?.exchange && packets(parser).length);
  return [
    macro('ikeaudit_index', 'index=*', 'Where the logs of IKE daemons are. Set this to your indexes.'),
    macro('ikeaudit_events', `\`ikeaudit_index\` sourcetype IN (${sourcetypes})`, 'Every record that this add-on reads.'),
    macro(
      'ikeaudit_unparsed',
      '`ikeaudit_events` message=* NOT msg_type=* NOT ike_noise=1',
      'Records that no line of the parsers matches.',
    ),
    macro(
      'ikeaudit_packets',
      packetSearch(stitched),
      'The records of packets, which ikeaudit_stitch needs beside those that you look for.',
    ),
    macro('ikeaudit_stitch', stitch(stitched), [
      'Gives answers (failures, successes) that name no peer the address of the packet that the same thread handled in the same second: where',
      'there is exactly one such address, else none. The identity likewise. `stitched` says so. Order inside of a second does not matter. Needs',
      'the packet records too: search for your events OR `ikeaudit_packets`, pipe through this, then filter. Records that `ikeaudit parse` has',
      'stitched pass as they are.',
    ]),
  ];
}

function macro(name: string, definition: string, comment: string | string[]): Stanza {
  return { name, comment: [comment].flat(), settings: [['definition', definition]] };
}

/** A search of its own parser's packets for each source type; where no parser stitches, one that finds nothing. */
function packetSearch(parsers: Parser[]): string {
  const each = parsers.map(
    (parser) =>
      `(sourcetype="${parser.sourcetype}" msg_type IN (${packets(parser)
        .map((event) => `"${event}"`)
        .join(', ')}))`,
  );
  return each.length ? `(${each.join(' OR ')})` : 'msg_type="ikeaudit_none"';
}

/**
 * The answer lines of an exchange share host, process, thread and second with its packets: right in 260 of 260 recorded answers. Other lines of the
 * thread are left alone: a job's line may stand beside another peer's packet. An identity is joined where the second holds one, and one peer.
 */
function stitch(parsers: Parser[]): string {
  if (parsers.length === 0) return 'eval stitched=stitched';
  const each = (value: (parser: Parser) => string) =>
    parsers.map((parser) => `sourcetype=="${parser.sourcetype}"${value(parser)}`).join(', ');
  const packet = (field: string) => `case(${each((parser) => ` AND (${oneOf(packets(parser))}), ${field}`)})`;
  const key = `case(${each((parser) => `, ${parser.stitch!.exchange!.key}`)})`;
  const asidesOf = (parser: Parser) => (asides(parser).length ? ` AND NOT (${oneOf(asides(parser))})` : '');
  const answers = `case(${each((parser) => `${asidesOf(parser)}, outcome`)})`;
  const lonely = 'isnull(peer_ip) AND isnotnull(ikeaudit_answer) AND ikeaudit_peers==1';
  const nameless = 'isnull(user_identity) AND isnotnull(ikeaudit_answer) AND ikeaudit_peers==1 AND ikeaudit_users==1';
  return [
    `eval ikeaudit_key=${key}, ikeaudit_packet=${packet('peer_ip')}, ikeaudit_gateway=${packet('local_ip')}, ikeaudit_answer=${answers}, ` +
      'ikeaudit_user=if(isnotnull(ikeaudit_key), user_identity, null()), ikeaudit_second=floor(_time), ikeaudit_program=coalesce(program, "-"), ' +
      'ikeaudit_pid=coalesce(pid, "-")',
    'eventstats dc(ikeaudit_packet) AS ikeaudit_peers, values(ikeaudit_packet) AS ikeaudit_peer, dc(ikeaudit_gateway) AS ikeaudit_gateways, ' +
      'values(ikeaudit_gateway) AS ikeaudit_local, dc(ikeaudit_user) AS ikeaudit_users, values(ikeaudit_user) AS ikeaudit_identity ' +
      'BY host, ikeaudit_program, ikeaudit_pid, ikeaudit_key, ikeaudit_second',
    `eval stitched=if(${lonely}, "peer_ip", stitched), local_ip=if(${lonely} AND ikeaudit_gateways==1, coalesce(local_ip, ikeaudit_local), local_ip), ` +
      `peer_ip=if(${lonely}, ikeaudit_peer, peer_ip), user_identity=if(${nameless}, ikeaudit_identity, user_identity)`,
    'eval src_ip=coalesce(src_ip, if(role=="initiator", local_ip, peer_ip)), dst_ip=coalesce(dst_ip, if(role=="initiator", peer_ip, local_ip)), ' +
      'src=src_ip, dest=dst_ip, user=user_identity',
    'fields - ikeaudit_*',
  ].join('\n| ');
}

function oneOf(events: string[]): string {
  return events.map((event) => `msg_type=="${event}"`).join(' OR ');
}

const eventOf = (match: EventMatch) => (typeof match === 'string' ? match : match.event);

/** Events that open or close an exchange and name its addresses. */
function packets(parser: Parser): string[] {
  const { opens, closes } = parser.stitch!.exchange!;
  const naming = new Set(
    parser.entries.filter(({ template }) => templateFields(template).includes('peer_ip')).map(({ event }) => event),
  );
  return [...new Set([...opens, ...closes].map(eventOf))].filter((event) => naming.has(event));
}

/** Events that belong to no exchange, or that a job starts. */
function asides(parser: Parser): string[] {
  const { jobs, outside } = parser.stitch!.exchange!;
  return [...new Set([...jobs, ...outside].map(eventOf))];
}
