/** The same content as an integration package for Fleet (package-spec 3): data streams with their inputs, pipelines and fields, rules and dashboards. */
import { stringify } from 'yaml';
import { outputFormat } from '../../engine/formats.js';
import type { Pack, Parser } from '../../model/pack.js';
import { VERSION } from '../../model/version.js';
import { emitDashboards } from './emit-dashboards.js';
import type { IngestPipeline } from './emit-pipeline.js';
import { mappedTypes } from './mappings.js';
import { nest } from './nest.js';
import { type EmittedRule, ruleVersion } from './rules/emit-rules.js';

const ROOT = 'package/ikev2';
const ECS_VERSION = '8.17.0';
const HOME = 'https://github.com/ikeaudit/ikeaudit';

/** Fields that every data stream has, and whose value or type Fleet wants in a file of their own. */
const BASE: [string, string, string][] = [
  ['data_stream.type', 'constant_keyword', 'Data stream type.'],
  ['data_stream.dataset', 'constant_keyword', 'Data stream dataset.'],
  ['data_stream.namespace', 'constant_keyword', 'Data stream namespace.'],
  ['@timestamp', 'date', 'Event timestamp.'],
];

/** @returns the package's files below dist/elastic/ */
export function packageFiles(
  pack: Pack,
  pipelines: ReadonlyMap<Parser, IngestPipeline>,
  rules: EmittedRule[],
): [string, string][] {
  const fieldsOfAll = yaml(fields(pack));
  return [
    ['manifest.yml', yaml(manifest(pack))],
    [
      'changelog.yml',
      yaml([{ version: VERSION, changes: [{ description: 'First release.', type: 'enhancement', link: `${HOME}/pull/1` }] }]),
    ],
    ['docs/README.md', readme(pack)],
    ...pack.parsers.flatMap((parser) => dataStream(pack, parser, pipelines.get(parser)!, fieldsOfAll)),
    ...rules.map(({ rule }): [string, string] => {
      const id = `${String(rule.rule_id)}_${ruleVersion()}`;
      return [`kibana/security_rule/${id}.json`, json({ attributes: rule, id, type: 'security-rule' })];
    }),
    ...emitDashboards(pack, 'logs-*').map((dashboard): [string, string] => [
      `kibana/dashboard/${String(dashboard.id)}.json`,
      json(opened(dashboard)),
    ]),
  ].map(([path, text]): [string, string] => [`${ROOT}/${path}`, text!]);
}

function manifest({ parsers }: Pack) {
  const input = (type: string, title: string) => ({ type, title, description: `${title}.` });
  return {
    format_version: '3.6.6',
    name: 'ikev2',
    title: 'IKEv2 / IPsec VPN',
    version: VERSION,
    description: `Reads and judges logs of IKEv2/IPsec gateways: ${parsers.map(({ title }) => title).join(', ')}.`,
    type: 'integration',
    source: { license: 'Apache-2.0' },
    categories: ['security', 'vpn_security'],
    conditions: { kibana: { version: '^8.19.0 || ^9.1.0' }, elastic: { subscription: 'basic', capabilities: ['security'] } },
    policy_templates: [
      {
        name: 'ikev2',
        title: 'IKEv2 logs',
        description: 'Logs of gateways and of the RADIUS servers behind them.',
        inputs: [input('filestream', 'Collect IKE logs from files'), input('udp', 'Collect IKE logs over UDP')],
      },
    ],
    owner: { github: 'ikeaudit/maintainers', type: 'community' },
  };
}

function dataStream(pack: Pack, parser: Parser, pipeline: IngestPipeline, fieldsOfAll: string): [string, string][] {
  const folder = `data_stream/${parser.dataset}`;
  const filestream = `paths:\n{{#each paths as |path|}}\n  - {{path}}\n{{/each}}\ntags:\n  - preserve_original_event\n`;
  return [
    [`${folder}/manifest.yml`, yaml(streamManifest(parser))],
    [`${folder}/agent/stream/filestream.yml.hbs`, filestream],
    [`${folder}/agent/stream/udp.yml.hbs`, 'host: "{{listen_address}}:{{listen_port}}"\ntags:\n  - preserve_original_event\n'],
    // the plain files have it for readers
    [`${folder}/elasticsearch/ingest_pipeline/default.json`, JSON.stringify(packaged(pipeline))],
    [`${folder}/fields/base-fields.yml`, yaml(baseFields(parser))],
    [`${folder}/fields/fields.yml`, fieldsOfAll],
    [`${folder}/sample_event.json`, json(sampleEvent(pack, parser))],
  ];
}

function streamManifest({ title, dataset }: Parser) {
  const port = {
    name: 'listen_port',
    type: 'integer',
    title: 'Port',
    multi: false,
    required: true,
    show_user: true,
    default: 9514,
  };
  const address = {
    name: 'listen_address',
    type: 'text',
    title: 'Address to listen on',
    multi: false,
    required: true,
    show_user: true,
    default: 'localhost',
  };
  const paths = {
    name: 'paths',
    type: 'text',
    title: 'Paths',
    multi: true,
    required: true,
    show_user: true,
    default: ['/var/log/syslog'],
  };
  const stream = (input: string, how: string, vars: object[]) => ({
    input,
    title: `${title} ${how}`,
    description: `Reads ${title} ${how}.`,
    template_path: `${input}.yml.hbs`,
    enabled: false,
    vars,
  });
  return {
    title: `${title} logs`,
    type: 'logs',
    dataset: `ikev2.${dataset}`,
    streams: [stream('filestream', 'from files', [paths]), stream('udp', 'over UDP', [address, port])],
  };
}

/** The pipeline of the plain files, behind what the package's rules ask for: the line moves to `event.original`, from which the script reads it. */
function packaged({ description, processors, on_failure: failure }: IngestPipeline) {
  return {
    description,
    processors: [
      // an older shipper's text would fail the document at the next condition, and again where the failure is told
      {
        rename: {
          tag: 'keep-event-text',
          field: 'event',
          target_field: 'labels.event',
          if: 'ctx.event != null && !(ctx.event instanceof Map)',
          on_failure: [{ remove: { tag: 'remove-event-text', field: 'event' } }],
        },
      },
      { set: { tag: 'set-ecs-version', field: 'ecs.version', value: ECS_VERSION, ignore_failure: true } },
      {
        rename: {
          tag: 'rename-message',
          field: 'message',
          target_field: 'event.original',
          ignore_missing: true,
          if: 'ctx.event?.original == null',
        },
      },
      {
        remove: {
          tag: 'remove-message',
          field: 'message',
          ignore_missing: true,
          if: 'ctx.event?.original != null',
          description:
            'The message field is no longer required if event.original exists: the pipeline writes the text without its header there.',
        },
      },
      ...processors,
    ],
    on_failure: [
      { set: { field: 'event.kind', value: 'pipeline_error', ignore_failure: true } },
      {
        append: {
          field: 'error.message',
          value:
            "Processor '{{{ _ingest.on_failure_processor_type }}}' {{#_ingest.on_failure_processor_tag}}with tag '{{{ _ingest.on_failure_processor_tag }}}' {{/_ingest.on_failure_processor_tag}}in pipeline '{{{ _ingest.pipeline }}}' failed with message '{{{ _ingest.on_failure_message }}}'",
          ignore_failure: true,
        },
      },
      ...failure.slice(2),
    ],
  };
}

function baseFields({ dataset }: Parser) {
  return [
    ...BASE.map(([name, type, description]) => ({ name, type, description })),
    { name: 'event.module', type: 'constant_keyword', description: 'Event module.', value: 'ikev2' },
    { name: 'event.dataset', type: 'constant_keyword', description: 'Event dataset.', value: `ikev2.${dataset}` },
  ];
}

function fields(pack: Pack) {
  const means = new Map([...pack.fields.values()].map(({ ecs, means: text }) => [ecs, text]));
  const base = new Set([...BASE.map(([name]) => name), 'event.module', 'event.dataset']);
  return Object.entries(mappedTypes(pack))
    .filter(([name]) => !base.has(name))
    .map(([name, { type, index }]) => ({
      name,
      type,
      description: means.get(name) ?? 'As ECS defines it.',
      ...(index === false ? { index: false, doc_values: false } : {}),
    }));
}

function sampleEvent(pack: Pack, parser: Parser) {
  const { key, constants } = outputFormat(pack, 'ecs');
  const entry =
    parser.entries.find(({ kind }) => kind === 'event') ?? parser.records.codes.find(({ event }) => event !== undefined)!;
  const type = pack.events.get(entry.event!)!;
  return nest({
    '@timestamp': '2026-11-24T06:00:00.000Z',
    'ecs.version': ECS_VERSION,
    [key('msg_type')]: entry.event,
    ...constants(type, parser.dataset),
    'event.original': entry.sample,
    message: entry.sample,
    'data_stream.type': 'logs',
    'data_stream.dataset': `ikev2.${parser.dataset}`,
    'data_stream.namespace': 'default',
  });
}

function readme(pack: Pack): string {
  return [
    '# IKEv2 / IPsec VPN',
    '',
    'Reads logs of IKEv2/IPsec gateways into ECS, with detection rules and dashboards.',
    '',
    '| data stream | reads |',
    '| --- | --- |',
    ...pack.parsers.map(({ dataset, title }) => `| \`ikev2.${dataset}\` | ${title} |`),
    '',
    'Two log lines of three name no peer. Rules that count by peer are exact where `ikeaudit parse --follow --format ecs` joins the lines in the shipper; for raw lines there are rules',
    'that join lines of one process, thread and second.',
    '',
    'Rules come disabled. Their thresholds are those of the settings file of the build.',
    '',
  ].join('\n');
}

/** A package wants attributes as objects that Kibana's export holds as text. */
function opened(dashboard: Record<string, unknown>): Record<string, unknown> {
  const attributes = dashboard.attributes as Record<string, unknown>;
  const meta = attributes.kibanaSavedObjectMeta as { searchSourceJSON: string };
  return {
    ...dashboard,
    attributes: {
      ...attributes,
      panelsJSON: JSON.parse(attributes.panelsJSON as string) as unknown,
      optionsJSON: JSON.parse(attributes.optionsJSON as string) as unknown,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.parse(meta.searchSourceJSON) as unknown },
    },
  };
}

function yaml(document: unknown): string {
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
