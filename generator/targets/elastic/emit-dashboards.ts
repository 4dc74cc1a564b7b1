/**
 * Dashboards as Kibana's saved objects: a data view, and dashboards of Lens panels, each a count by one field. Panels are a table: which
 * title, which chart, what it counts by, and what it is filtered with, so that every field and query can be checked against the mappings.
 */
import { createHash } from 'node:crypto';
import type { Pack } from '../../model/pack.js';
import { fieldOf } from './rules/condition.js';
import { INDEX } from './rules/esql-query.js';

export interface Panel {
  title: string;
  /** `time`: bars over time; `top`: a table of the most frequent values; `count`: one number */
  shows: 'time' | 'top' | 'count';
  /** neutral field that it counts by */
  by?: string;
  /** KQL */
  query: string;
}

export interface Dashboard {
  name: string;
  title: string;
  means: string;
  panels: Panel[];
}

/** KQL over events by their names. */
type EventQuery = (...events: string[]) => string;

/** @returns the dashboards; `events` writes a query for events' names and knows only those of mappings/events.yml */
export function dashboards(pack: Pack): Dashboard[] {
  const action = fieldOf(pack, 'msg_type').ecs;
  const events: EventQuery = (...names) => {
    for (const name of names) if (!pack.events.has(name)) throw new Error(`Unexpected event "${name}" in a dashboard`);
    return names.map((name) => `${action}: "${name}"`).join(' or ');
  };
  const refused = events('auth_failed', 'no_proposal_chosen', 'ts_unacceptable', 'peer_unknown');
  return [
    {
      name: 'overview',
      title: 'IKEv2 overview',
      means: 'Sessions, failures, peers and suites at a glance.',
      panels: [
        { title: 'SAs established', shows: 'time', query: events('ike_established', 'child_established') },
        { title: 'Refused attempts', shows: 'time', by: 'msg_type', query: refused },
        { title: 'Peers with most refusals', shows: 'top', by: 'peer_ip', query: refused },
        { title: 'Established by connection', shows: 'top', by: 'connection', query: events('ike_established') },
        { title: 'Suites', shows: 'top', by: 'proposal_chosen', query: events('proposal_selected') },
        { title: 'Gateways', shows: 'top', by: 'host', query: '' },
      ],
    },
    {
      name: 'authentication',
      title: 'IKEv2 authentication',
      means: 'Who failed to authenticate, why, and who came in.',
      panels: [
        { title: 'Failed attempts', shows: 'time', query: events('auth_failed') },
        { title: 'Reasons', shows: 'top', by: 'reason', query: events('auth_failed', 'auth_failure_reason') },
        { title: 'Failed attempts by peer', shows: 'top', by: 'peer_ip', query: events('auth_failed') },
        { title: 'Failed attempts by user', shows: 'top', by: 'user_identity', query: events('auth_failed') },
        { title: 'Logins', shows: 'time', query: events('ike_established') },
        { title: 'Peers that are not configured', shows: 'top', by: 'peer_ip', query: events('peer_unknown') },
        {
          title: 'Certificates refused',
          shows: 'top',
          by: 'cert_subject',
          query: events('cert_untrusted', 'cert_revoked', 'cert_expired', 'cert_validity_failed'),
        },
      ],
    },
    {
      name: 'crypto-posture',
      title: 'IKEv2 crypto posture',
      means: 'Which algorithms are negotiated, and what is refused for want of a common one.',
      panels: [
        { title: 'Encryption', shows: 'top', by: 'encryption', query: events('proposal_selected') },
        { title: 'Integrity', shows: 'top', by: 'integrity', query: events('proposal_selected') },
        { title: 'Key exchange groups', shows: 'top', by: 'dh_group', query: events('proposal_selected') },
        { title: 'Pseudo-random functions', shows: 'top', by: 'prf', query: events('proposal_selected') },
        { title: 'Refused proposals', shows: 'time', query: events('no_proposal_chosen') },
        { title: 'Peers with refused proposals', shows: 'top', by: 'peer_ip', query: events('no_proposal_chosen') },
        { title: 'IKEv1 messages', shows: 'time', query: events('ikev1_message') },
      ],
    },
    {
      name: 'availability',
      title: 'IKEv2 availability',
      means: 'Floods, limits, dead peers and malformed messages.',
      panels: [
        {
          title: 'IKE_SA_INIT received',
          shows: 'time',
          query: events('ike_init_received', 'cookie_requested', 'ike_init_ignored'),
        },
        {
          title: 'Requests by peer',
          shows: 'top',
          by: 'peer_ip',
          query: events('ike_init_received', 'cookie_requested', 'ike_init_ignored'),
        },
        {
          title: 'Protection active',
          shows: 'time',
          by: 'msg_type',
          query: events('cookie_requested', 'ike_init_ignored', 'ike_sa_limit', 'dos_protection_changed'),
        },
        { title: 'Dead peers', shows: 'top', by: 'connection', query: events('peer_dead') },
        {
          title: 'Malformed messages by peer',
          shows: 'top',
          by: 'peer_ip',
          query: events('message_invalid', 'integrity_failed'),
        },
        { title: 'Retransmissions', shows: 'time', query: events('retransmit_sent', 'retransmit_received') },
      ],
    },
    {
      name: 'lifecycle',
      title: 'IKEv2 life of SAs',
      means: 'SAs as they come, are rekeyed, move and end.',
      panels: [
        {
          title: 'Established and deleted',
          shows: 'time',
          by: 'msg_type',
          query: events('ike_established', 'ike_deleted', 'ike_destroyed'),
        },
        { title: 'Rekeyed', shows: 'time', by: 'msg_type', query: events('ike_rekeyed', 'child_rekeyed') },
        { title: 'Why SAs end', shows: 'top', by: 'delete_reason', query: '' },
        { title: 'Lifetimes', shows: 'top', by: 'lifetime', query: events('ike_lifetime') },
        { title: 'Addresses changed', shows: 'top', by: 'new_address', query: events('endpoint_changed') },
        { title: 'Traffic selectors refused', shows: 'top', by: 'connection', query: events('ts_unacceptable') },
      ],
    },
    {
      name: 'gateway',
      title: 'IKEv2: one gateway',
      means: 'All of one gateway: filter by its name.',
      panels: [
        { title: 'Gateway', shows: 'top', by: 'host', query: '' },
        { title: 'Records by event', shows: 'time', by: 'msg_type', query: '' },
        { title: 'Peers', shows: 'top', by: 'peer_ip', query: '' },
        { title: 'Connections', shows: 'top', by: 'connection', query: '' },
        { title: 'Lines that no template reads', shows: 'time', query: `${action}: "unparsed"` },
        {
          title: 'Configuration changes',
          shows: 'time',
          by: 'msg_type',
          query: events('config_loaded', 'config_changed', 'config_removed', 'daemon_started'),
        },
      ],
    },
  ];
}

const VIEW = 'ikeaudit-logs';
const WIDTH = 24;
const HEIGHT = 12;

/** @param view id of the data view; of a package, the one that Fleet makes. @returns the saved objects: the data view where it is ours, and each dashboard with its panels */
export function emitDashboards(pack: Pack, view: string = VIEW): Record<string, unknown>[] {
  const own = {
    type: 'index-pattern',
    id: VIEW,
    attributes: { title: INDEX, name: 'IKEv2 logs', timeFieldName: '@timestamp' },
    references: [],
    coreMigrationVersion: '8.8.0',
    typeMigrationVersion: '8.0.0',
  };
  return [...(view === VIEW ? [own] : []), ...dashboards(pack).map((dashboard) => dashboardObject(pack, dashboard, view))];
}

const LAYER = 'layer1';
const VIEW_OF_LAYER = `indexpattern-datasource-layer-${LAYER}`;

/** What a panel shows, by value: a Lens chart of one layer. */
function lens(pack: Pack, { title, shows, by, query }: Panel, view: string): Record<string, unknown> {
  const field = by === undefined ? undefined : fieldOf(pack, by);
  const columns: Record<string, unknown> = {
    ...(shows === 'time' ? { time: timeColumn() } : {}),
    ...(field
      ? {
          values: termsColumn(
            field.ecs,
            ['int', 'long', 'port'].includes(field.type) ? 'number' : field.type === 'ip' ? 'ip' : 'string',
          ),
        }
      : {}),
    count: {
      label: 'Records',
      customLabel: true,
      dataType: 'number',
      operationType: 'count',
      sourceField: '___records___',
      isBucketed: false,
      scale: 'ratio',
    },
  };
  return {
    title,
    type: 'lens',
    visualizationType: shows === 'time' ? 'lnsXY' : shows === 'top' ? 'lnsDatatable' : 'lnsMetric',
    references: [{ type: 'index-pattern', id: view, name: VIEW_OF_LAYER }],
    state: {
      datasourceStates: {
        formBased: { layers: { [LAYER]: { columnOrder: Object.keys(columns), columns, incompleteColumns: {} } } },
      },
      visualization: chart(shows, field !== undefined),
      query: { language: 'kuery', query },
      filters: [],
    },
  };
}

function chart(shows: Panel['shows'], split: boolean): Record<string, unknown> {
  const layer = { layerId: LAYER, layerType: 'data' };
  if (shows === 'count') return { ...layer, metricAccessor: 'count' };
  if (shows === 'top') return { ...layer, columns: [{ columnId: 'values' }, { columnId: 'count' }] };
  const seriesType = 'bar_stacked';
  return {
    legend: { isVisible: split, position: 'right' },
    preferredSeriesType: seriesType,
    layers: [{ ...layer, seriesType, xAccessor: 'time', accessors: ['count'], ...(split ? { splitAccessor: 'values' } : {}) }],
  };
}

function timeColumn() {
  return {
    label: '@timestamp',
    dataType: 'date',
    operationType: 'date_histogram',
    sourceField: '@timestamp',
    isBucketed: true,
    scale: 'interval',
    params: { interval: 'auto', includeEmptyRows: true },
  };
}

function termsColumn(field: string, dataType: string) {
  const params = {
    size: 10,
    orderBy: { type: 'column', columnId: 'count' },
    orderDirection: 'desc',
    otherBucket: false,
    missingBucket: false,
  };
  return {
    label: field,
    customLabel: true,
    dataType,
    operationType: 'terms',
    sourceField: field,
    isBucketed: true,
    scale: 'ordinal',
    params,
  };
}

/** Shows our data alone, whatever the data view holds. */
const FILTER_VIEW = 'kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index';
const OURS = { prefix: { 'data_stream.dataset': 'ikev2.' } };

function dashboardObject(pack: Pack, { name, title, means, panels }: Dashboard, view: string): Record<string, unknown> {
  const placed = panels.map((panel, index) => ({
    type: 'lens',
    title: panel.title,
    panelIndex: String(index + 1),
    gridData: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT, i: String(index + 1) },
    embeddableConfig: { attributes: lens(pack, panel, view), enhancements: {} },
  }));
  const filter = {
    meta: {
      alias: 'IKEv2',
      disabled: false,
      negate: false,
      type: 'custom',
      key: 'prefix',
      value: JSON.stringify(OURS),
      indexRefName: FILTER_VIEW,
    },
    query: OURS,
    $state: { store: 'appState' },
  };
  return {
    type: 'dashboard',
    id: stableId(name),
    attributes: {
      title,
      description: means,
      panelsJSON: JSON.stringify(placed),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      version: 1,
      timeRestore: false,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { language: 'kuery', query: '' }, filter: [filter] }) },
    },
    references: [
      { name: FILTER_VIEW, type: 'index-pattern', id: view },
      ...panels.map((_, index) => ({ name: `${index + 1}:${VIEW_OF_LAYER}`, type: 'index-pattern', id: view })),
    ],
    coreMigrationVersion: '8.8.0',
    typeMigrationVersion: '8.9.0',
  };
}

/** Packages want ids that begin with their name. */
function stableId(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return `ikev2-${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
