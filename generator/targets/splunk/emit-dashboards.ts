/** Dashboards as Simple XML 1.1, and the app's menu: the views of an audit, from the whole to one gateway. */
import type { Pack } from '../../model/pack.js';

export interface Panel {
  title: string;
  search: string;
  kind: 'table' | 'column' | 'line' | 'single' | 'pie';
}

export interface Dashboard {
  id: string;
  title: string;
  means: string;
  /** one gateway is chosen at the top: its searches have the token `$gateway|s$` */
  byGateway: boolean;
  rows: Panel[][];
}

const FAILURES = 'msg_type IN ("auth_failed", "auth_error")';
const ESTABLISHED = 'msg_type IN ("ike_established", "ike_rekeyed")';

const table = (title: string, search: string): Panel => ({ title, search, kind: 'table' });
const column = (title: string, search: string): Panel => ({ title, search, kind: 'column' });
const line = (title: string, search: string): Panel => ({ title, search, kind: 'line' });
const single = (title: string, search: string): Panel => ({ title, search, kind: 'single' });

const top = (field: string, count = 20) => `stats count BY ${field} | sort 0 -count | head ${count}`;

/** @returns the dashboards, in the order of the menu. @param pack for the detections' names by folder */
export function dashboards(pack: Pick<Pack, 'detections'>): Dashboard[] {
  const found = pack.detections.length;
  return [
    {
      id: 'ikeaudit_overview',
      title: 'Overview',
      means: `What the gateways do: sessions, failures, peers, suites. ${found} rules look at the same records.`,
      byGateway: false,
      rows: [
        [
          single('IKE SAs established', `\`ikeaudit_events\` msg_type="ike_established" | stats count`),
          single('Failed attempts', '`ikeaudit_events` msg_type="auth_failed" | stats count'),
          single('Gateways', '`ikeaudit_events` msg_type=* | stats dc(dvc) AS gateways'),
          single('Lines that no parser knows', '`ikeaudit_unparsed` | stats count'),
        ],
        [
          line(
            'IKE SAs established and failed',
            `\`ikeaudit_events\` msg_type IN ("ike_established", "auth_failed") | timechart span=1h count BY msg_type`,
          ),
        ],
        [
          table(
            'Peers by what happened',
            `\`ikeaudit_events\` peer_ip=* | stats count dc(msg_type) AS kinds BY peer_ip dvc | sort 0 -count | head 20`,
          ),
          column('Suites agreed on', `\`ikeaudit_events\` encryption=* | ${top('encryption')}`),
        ],
        [table('Events by gateway', '`ikeaudit_events` msg_type=* | stats count BY dvc msg_type | sort 0 -count | head 50')],
      ],
    },
    {
      id: 'ikeaudit_authentication',
      title: 'Authentication',
      means: 'Who fails to authenticate, from where, and why.',
      byGateway: false,
      rows: [
        [line('Failed attempts by gateway', '`ikeaudit_events` msg_type="auth_failed" | timechart span=1h count BY dvc')],
        [
          table(
            'Failed attempts by peer',
            `\`ikeaudit_events\` (msg_type="auth_failed" OR \`ikeaudit_packets\`) | \`ikeaudit_stitch\` | where msg_type=="auth_failed" | ${top('peer_ip')}`,
          ),
          table(
            'Failed attempts by identity',
            `\`ikeaudit_events\` (msg_type="auth_failed" OR \`ikeaudit_packets\`) | \`ikeaudit_stitch\` | where msg_type=="auth_failed" | ${top('user_identity')}`,
          ),
        ],
        [
          column('Reasons', `\`ikeaudit_events\` reason=* | ${top('reason')}`),
          table(
            'Errors of our own and of backends',
            '`ikeaudit_events` msg_type="auth_error" | stats count latest(_time) AS last BY dvc reason | eval last=strftime(last, "%F %T %Z") | sort 0 -count',
          ),
        ],
        [
          table(
            'Certificates',
            '`ikeaudit_events` cert_subject=* | stats count latest(msg_type) AS last_event values(cert_not_after) AS cert_not_after BY cert_subject | sort 0 -count | head 50',
          ),
        ],
      ],
    },
    {
      id: 'ikeaudit_crypto',
      title: 'Crypto posture',
      means: 'Which algorithms are in use, and where nothing could be agreed on.',
      byGateway: false,
      rows: [
        [
          { title: 'Encryption', search: `\`ikeaudit_events\` encryption=* | ${top('encryption')}`, kind: 'pie' },
          { title: 'Key exchange groups', search: `\`ikeaudit_events\` dh_group=* | ${top('dh_group')}`, kind: 'pie' },
          { title: 'Integrity', search: `\`ikeaudit_events\` integrity=* | ${top('integrity')}`, kind: 'pie' },
        ],
        [
          table(
            'Weakest suite of each gateway',
            '`ikeaudit_events` encryption=* | eval suite=encryption."/".coalesce(integrity, "-")."/".coalesce(dh_group, "-") | stats count BY dvc suite | sort 0 dvc -count',
          ),
        ],
        [
          table('No proposal chosen', '`ikeaudit_events` msg_type="no_proposal_chosen" | stats count BY dvc | sort 0 -count'),
          table('Versions of IKE', '`ikeaudit_events` ike_version=* | stats count BY dvc ike_version | sort 0 -count'),
        ],
      ],
    },
    {
      id: 'ikeaudit_availability',
      title: 'Availability',
      means: 'Floods, dead peers, and what the gateway did about them.',
      byGateway: false,
      rows: [
        [
          line(
            'First messages',
            '`ikeaudit_events` msg_type IN ("ike_init_received", "ike_init_ignored", "cookie_requested") | timechart span=5m count BY msg_type',
          ),
        ],
        [
          table('First messages by peer', `\`ikeaudit_events\` msg_type="ike_init_received" | ${top('peer_ip')}`),
          table(
            'Peers that do not answer',
            '`ikeaudit_events` msg_type="peer_dead" | stats count BY dvc connection | sort 0 -count',
          ),
        ],
        [
          table(
            'Malformed, replayed, unexpected',
            '`ikeaudit_events` msg_type IN ("message_invalid", "message_id_unexpected", "integrity_failed", "esp_replay_detected") | stats count BY dvc msg_type | sort 0 -count',
          ),
        ],
      ],
    },
    {
      id: 'ikeaudit_lifecycle',
      title: 'Lifecycle',
      means: 'How SAs live: established, rekeyed, deleted, moved.',
      byGateway: false,
      rows: [
        [
          line(
            'Established, rekeyed, deleted',
            '`ikeaudit_events` msg_type IN ("ike_established", "ike_rekeyed", "ike_deleted", "child_established", "child_rekeyed", "child_closed") | timechart span=1h count BY msg_type',
          ),
        ],
        [
          table('Why SAs are deleted', `\`ikeaudit_events\` delete_reason=* | ${top('delete_reason')}`),
          table(
            'Lifetimes',
            '`ikeaudit_events` lifetime=* | stats count min(lifetime) AS least max(lifetime) AS greatest BY dvc | sort 0 -count',
          ),
        ],
        [
          table(
            'Changes of address',
            '`ikeaudit_events` new_address=* | stats count BY dvc old_address new_address | sort 0 -count | head 50',
          ),
        ],
        [
          table(
            'Configuration',
            '`ikeaudit_events` msg_type IN ("config_loaded", "config_changed", "config_removed", "daemon_started") | stats count latest(_time) AS last BY dvc msg_type | eval last=strftime(last, "%F %T %Z") | sort 0 dvc msg_type',
          ),
        ],
      ],
    },
    {
      id: 'ikeaudit_gateway',
      title: 'One gateway',
      means: 'All that one gateway tells.',
      byGateway: true,
      rows: [
        [line('Events', '`ikeaudit_events` dvc=$gateway|s$ msg_type=* | timechart span=1h count BY msg_type')],
        [
          table('Peers', `\`ikeaudit_events\` dvc=$gateway|s$ peer_ip=* | ${top('peer_ip')}`),
          table('Connections', `\`ikeaudit_events\` dvc=$gateway|s$ connection=* ${ESTABLISHED} | ${top('connection')}`),
        ],
        [table('Failures', `\`ikeaudit_events\` dvc=$gateway|s$ ${FAILURES} | stats count BY msg_type outcome | sort 0 -count`)],
        [table('Lines that no parser knows', '`ikeaudit_unparsed` dvc=$gateway|s$ | table _time message | head 50')],
      ],
    },
  ];
}

/** @returns the dashboard as Simple XML */
export function emitDashboard({ title, means, byGateway, rows }: Dashboard): string {
  const gateway = [
    '    <input type="text" token="gateway">',
    '      <label>Gateway (host)</label>',
    '      <default>*</default>',
    '    </input>',
  ];
  return [
    '<form version="1.1">',
    `  <label>${escapeXml(title)}</label>`,
    `  <description>${escapeXml(means)}</description>`,
    '  <fieldset submitButton="false">',
    ...(byGateway ? gateway : []),
    '    <input type="time" token="time">',
    '      <label>Time</label>',
    '      <default>',
    '        <earliest>-24h@h</earliest>',
    '        <latest>now</latest>',
    '      </default>',
    '    </input>',
    '  </fieldset>',
    ...rows.flatMap((row) => ['  <row>', ...row.flatMap(emitPanel), '  </row>']),
    '</form>',
    '',
  ].join('\n');
}

/** @returns the menu of the app */
export function emitNavigation(all: Dashboard[]): string {
  return [
    '<nav search_view="search">',
    ...all.map(({ id }, index) => `  <view name="${id}"${index === 0 ? ' default="true"' : ''} />`),
    '  <view name="search" />',
    '  <view name="reports" />',
    '  <view name="alerts" />',
    '</nav>',
    '',
  ].join('\n');
}

function emitPanel({ title, search, kind }: Panel): string[] {
  const element = kind === 'table' ? 'table' : kind === 'single' ? 'single' : 'chart';
  return [
    '    <panel>',
    `      <${element}>`,
    `        <title>${escapeXml(title)}</title>`,
    '        <search>',
    `          <query>${escapeXml(search)}</query>`,
    '          <earliest>$time.earliest$</earliest>',
    '          <latest>$time.latest$</latest>',
    '        </search>',
    ...(element === 'chart' ? [`        <option name="charting.chart">${kind}</option>`] : []),
    `      </${element}>`,
    '    </panel>',
  ];
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
