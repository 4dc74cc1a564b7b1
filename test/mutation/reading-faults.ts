/** Faults in parsers and in the vocabulary: each changes one thing of what a line means. */
import type { Entry, Pack, Parser } from '../../generator/model/pack.js';
import type { Stitch } from '../../generator/model/pack.js';
import type { Template } from '../../generator/model/template.js';

export interface ReadingFault {
  fault: string;
  where: string;
  apply: (pack: Pack) => Pack;
  /** which readings it concerns; all where it says none */
  only?: ('engine' | 'splunk' | 'elastic' | 'sigma')[];
  /** it shows in records that are shipped as they were parsed, and not in raw lines */
  shipped?: true;
}

const CHARON = 'strongswan.charon';
const PLUTO = 'libreswan.pluto';

const withParser = (pack: Pack, name: string, change: (parser: Parser) => Parser): Pack => ({
  ...pack,
  parsers: pack.parsers.map((parser) => (parser.name === name ? change(parser) : parser)),
});

/** Changes the first entry of a parser that fits. */
const withEntry = (name: string, fits: (entry: Entry) => boolean, change: (entry: Entry) => Entry) => (pack: Pack) =>
  withParser(pack, name, (parser) => {
    const index = parser.entries.findIndex(fits);
    if (index < 0) throw new Error(`Unexpected: no entry of ${name} fits`);
    return { ...parser, entries: parser.entries.map((entry, at) => (at === index ? change(entry) : entry)) };
  });

const hasFields =
  (...names: string[]) =>
  ({ template }: Entry) =>
    names.every((name) => template.parts.some((part) => part.kind === 'capture' && part.field === name));

const renameFields =
  (names: Record<string, string>) =>
  (entry: Entry): Entry => ({
    ...entry,
    template: {
      ...entry.template,
      parts: entry.template.parts.map((part) =>
        part.kind === 'capture' && part.field in names ? { ...part, field: names[part.field]! } : part,
      ),
    } as Template,
  });

const withField =
  (name: string, change: object) =>
  (pack: Pack): Pack => ({
    ...pack,
    fields: new Map([...pack.fields].map(([key, field]) => [key, key === name ? { ...field, ...change } : field])),
  });

const withStitch = (name: string, change: (stitch: Stitch) => Stitch) => (pack: Pack) =>
  withParser(pack, name, (parser) => ({ ...parser, stitch: change(parser.stitch!) }));

export const READING_FAULTS: ReadingFault[] = [
  {
    fault: "an event's outcome inverted",
    where: 'mappings/events.yml: auth_failed',
    apply: (pack) => ({
      ...pack,
      events: new Map(
        [...pack.events].map(([name, event]) => [name, name === 'auth_failed' ? { ...event, outcome: 'success' } : event]),
      ),
    }),
  },
  {
    fault: 'a wrong number of a notify',
    where: 'mappings/notifies.yml: AUTHENTICATION_FAILED',
    apply: (pack) => ({
      ...pack,
      notifies: pack.notifies.map((one) => (one.name === 'AUTHENTICATION_FAILED' ? { ...one, number: 25 } : one)),
    }),
  },
  {
    fault: 'a spelling of another notify',
    where: 'parsers/strongswan/charon.yml: AUTH_FAILED',
    apply: (pack) =>
      withParser(pack, CHARON, (parser) => ({
        ...parser,
        spellings: { ...parser.spellings, notify: { ...parser.spellings.notify, AUTH_FAILED: 'NO_PROPOSAL_CHOSEN' } },
      })),
  },
  ...[CHARON, PLUTO].flatMap((name): ReadingFault[] => [
    {
      fault: 'two captures swapped',
      where: `${name}: esp_spi_in and esp_spi_out`,
      apply: withEntry(
        name,
        hasFields('esp_spi_in', 'esp_spi_out'),
        renameFields({ esp_spi_in: 'esp_spi_out', esp_spi_out: 'esp_spi_in' }),
      ),
    },
    {
      fault: 'a capture of the wrong field',
      where: `${name}: peer_id`,
      apply: withEntry(name, hasFields('peer_id'), renameFields({ peer_id: 'connection' })),
    },
    {
      fault: 'a line of the wrong event',
      where: `${name}: ike_established`,
      apply: withEntry(
        name,
        ({ event }) => event === 'ike_established',
        (entry) => ({ ...entry, event: 'child_established' }),
      ),
    },
    {
      fault: 'a line of the wrong event',
      where: `${name}: a failure's reason`,
      apply: withEntry(
        name,
        ({ event }) => event === 'auth_failure_reason',
        (entry) => ({ ...entry, event: 'auth_failed' }),
      ),
    },
    {
      fault: 'a wrong constant',
      where: `${name}: reason`,
      apply: withEntry(
        name,
        ({ set }) => 'reason' in set,
        (entry) => ({ ...entry, set: { ...entry.set, reason: 'other-reason' } }),
      ),
    },
    {
      fault: 'a constant dropped',
      where: `${name}: set`,
      apply: withEntry(
        name,
        ({ set, event }) => event !== undefined && Object.keys(set).length > 0,
        (entry) => ({ ...entry, set: {} }),
      ),
    },
    {
      fault: 'a literal with a typing error',
      where: `${name}: first line`,
      apply: withEntry(
        name,
        ({ template, event }) =>
          event !== undefined && template.parts.some((part) => part.kind === 'literal' && part.text.length > 8),
        (entry) => {
          const at = entry.template.parts.findIndex((part) => part.kind === 'literal' && part.text.length > 8);
          const parts = entry.template.parts.map((part, i) =>
            i === at && part.kind === 'literal' ? { ...part, text: `${part.text.slice(0, 4)}#${part.text.slice(5)}` } : part,
          );
          return { ...entry, template: { ...entry.template, parts } };
        },
      ),
    },
    {
      fault: 'a line declared noise',
      where: `${name}: ike_init_received or peer's`,
      apply: withEntry(
        name,
        ({ event }) => event !== undefined && /^ike_(init|sa)|^message_/.test(event),
        (entry) => {
          const { event: _, ...rest } = entry;
          return { ...rest, kind: 'ignored', set: {} };
        },
      ),
    },
    {
      fault: 'a program that is not selected',
      where: `${name}: select`,
      apply: (pack) => withParser(pack, name, (parser) => ({ ...parser, programs: ['nobody'] })),
      only: ['engine', 'elastic'],
    },
  ]),
  {
    fault: 'a wrong ECS name',
    where: 'mappings/fields.yml: peer_ip',
    apply: withField('peer_ip', { ecs: 'ikev2.peer.address' }),
    only: ['elastic'],
  },
  {
    fault: 'a wrong ECS name',
    where: 'mappings/fields.yml: reason',
    apply: withField('reason', { ecs: 'ikev2.cause' }),
    only: ['elastic'],
  },
  {
    fault: 'a wrong CIM name',
    where: 'mappings/fields.yml: peer_ip',
    apply: withField('peer_ip', { cim: 'peer_address' }),
    only: ['splunk'],
    shipped: true,
  },
  {
    fault: 'a wrong CIM name',
    where: 'mappings/fields.yml: msg_type',
    apply: withField('msg_type', { cim: 'action_name' }),
    only: ['splunk'],
    shipped: true,
  },
  {
    fault: 'a wrong Sigma name',
    where: 'mappings/fields.yml: peer_ip',
    apply: withField('peer_ip', { sigma: 'dst_ip_x' }),
    only: ['sigma'],
  },
  {
    fault: 'a wrong Sigma name',
    where: 'mappings/fields.yml: msg_type',
    apply: withField('msg_type', { sigma: 'action_x' }),
    only: ['sigma'],
  },
  {
    fault: 'two captures swapped',
    where: `${CHARON}: local_ip and peer_ip`,
    apply: withEntry(CHARON, hasFields('local_ip', 'peer_ip'), renameFields({ local_ip: 'peer_ip', peer_ip: 'local_ip' })),
  },
  // Stitching is the engine's own: who joins lines in a SIEM takes what it has joined.
  {
    fault: 'a stitching key shortened',
    where: 'charon: exchange.key, the thread',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, exchange: { ...stitch.exchange!, key: 'subsystem' } })),
    only: ['engine'],
  },
  {
    fault: 'a closer of exchanges dropped',
    where: 'charon: packet_sent',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, exchange: { ...stitch.exchange!, closes: [] } })),
    only: ['engine'],
  },
  {
    fault: 'an opener of exchanges dropped',
    where: 'charon: packet_received',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, exchange: { ...stitch.exchange!, opens: [] } })),
    only: ['engine'],
  },
  {
    fault: 'jobs that take no peer from their packet',
    where: 'charon: jobs',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, exchange: { ...stitch.exchange!, jobs: [] } })),
    only: ['engine'],
  },
  {
    fault: 'SAs that never begin',
    where: 'charon: sa.begins',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, sa: { ...stitch.sa!, begins: [] } })),
    only: ['engine'],
  },
  {
    fault: 'what an SA learnt is forgotten',
    where: 'charon: sa.learns',
    apply: withStitch(CHARON, (stitch) => ({ ...stitch, sa: { ...stitch.sa!, learns: [] } })),
    only: ['engine'],
  },
  {
    fault: 'a stitching key shortened',
    where: 'pluto: sa.key',
    apply: withStitch(PLUTO, (stitch) => ({ ...stitch, sa: { ...stitch.sa!, key: 'connection' } })),
    only: ['engine'],
  },
  {
    fault: 'a child that finds no parent',
    where: 'pluto: sa.children',
    apply: withStitch(PLUTO, (stitch) => ({ ...stitch, sa: { ...stitch.sa!, children: [] } })),
    only: ['engine'],
  },
];
