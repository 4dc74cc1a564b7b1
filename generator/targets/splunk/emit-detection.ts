/** A detection as a saved search, in the shape that Enterprise Security expects of a correlation search. */
import type { Detection, Playbook } from '../../model/detection.js';
import type { Level } from '../../model/level.js';
import type { Pack } from '../../model/pack.js';
import type { Stanza } from './conf-file.js';
import { dailyCron, scheduleOf } from './emit-schedule.js';
import { emitBase } from './spl-base.js';
import { emitLearning, emitPipeline } from './spl-forms.js';
import { keyFields } from './spl-keys.js';
import { baselineName, baselineSearchName, filterName, savedSearchName } from './spl-names.js';
import { plainText, splString } from './spl-text.js';

type Settings = Stanza['settings'];

const RISK: Record<Level, number> = { informational: 5, low: 20, medium: 40, high: 60, critical: 80 };

/** Enterprise Security's domains; what is not here is of the network. */
const DOMAINS: Record<string, string> = { authentication: 'access', certificates: 'identity' };

/** @returns the search itself: one result per finding */
export function emitSearch(pack: Pack, detection: Detection): string {
  const { every } = scheduleOf(detection, pack.settings);
  return [
    ...emitBase(pack, detection),
    ...emitPipeline(pack, detection),
    `eval detection=${splString(detection.name)}, severity=${splString(detection.level)}`,
    `\`ikeaudit_new(${every})\``,
    `\`${filterName(detection)}\``,
  ].join('\n| ');
}

/** @returns the stanza of savedsearches.conf */
export function emitDetection(pack: Pack, detection: Detection): Stanza {
  return {
    name: savedSearchName(detection),
    comment: [`${detection.file}`],
    settings: [
      ['search', emitSearch(pack, detection)],
      ['description', plainText(`${detection.description} Misses: ${detection.misses}`)],
      ...emitScheduling(pack, detection),
      ...emitAlert(detection),
      ...emitCorrelation(detection),
      ...emitNotable(pack, detection),
      ...emitRisk(detection),
    ],
  };
}

/** @returns the scheduled search that learns what is normal; undefined where the detection compares with nothing */
export function emitBaselineSearch(pack: Pack, detection: Detection): Stanza | undefined {
  const learning = emitLearning(pack, detection);
  if (!learning) return undefined;
  const table = baselineName(detection);
  const single = detection.form.form !== 'first_seen';
  const columns = single
    ? 'min(least) AS least max(greatest) AS greatest max(learnt) AS learnt BY group'
    : 'max(learnt) AS learnt BY group value';
  const search = [
    ...emitBase(pack, detection),
    ...learning,
    `rename ikeaudit_group AS group${single ? '' : ', ikeaudit_value AS value'}`,
    `inputlookup append=true ${table}`,
    `stats ${detection.form.form === 'ratio' ? columns.replace('min(least) AS least ', '') : columns}`,
    'where learnt>=relative_time(now(), "-90d")',
    `outputlookup ${table}`,
  ].join('\n| ');
  return {
    name: baselineSearchName(detection),
    comment: [`What is normal for ${detection.file}: run it once over thirty days, then daily.`],
    settings: [
      ['search', search],
      ['description', plainText(`Learns what is normal for the rule "${detection.title}" and keeps it for ninety days.`)],
      ['cron_schedule', dailyCron(detection.id)],
      ['dispatch.earliest_time', '-1d@d'],
      ['dispatch.latest_time', '@d'],
      ['enableSched', '1'],
      ['disabled', '1'],
      ['realtime_schedule', '0'],
      ['schedule_window', 'auto'],
      ['is_visible', 'true'],
    ],
  };
}

/** Continuous scheduling never skips a run: a gap would be a finding that nobody sees. */
function emitScheduling(pack: Pack, detection: Detection): Settings {
  const { cron, lag, lookBack } = scheduleOf(detection, pack.settings);
  return [
    ['cron_schedule', cron],
    ['dispatch.earliest_time', `-${lag + lookBack}m@m`],
    ['dispatch.latest_time', `-${lag}m@m`],
    ['enableSched', '1'],
    ['disabled', '1'],
    ['realtime_schedule', '0'],
    ['schedule_window', 'auto'],
    ['is_visible', 'true'],
  ];
}

function emitAlert(detection: Detection): Settings {
  const quiet = 'quiet' in detection.form ? detection.form.quiet : detection.form.within;
  return [
    ['counttype', 'number of events'],
    ['relation', 'greater than'],
    ['quantity', '0'],
    ['alert.track', '0'],
    ['alert.digest_mode', '1'],
    ['alert.suppress', '1'],
    ['alert.suppress.fields', 'finding_group'],
    ['alert.suppress.period', `${quiet}s`],
  ];
}

function emitCorrelation(detection: Detection): Settings {
  const annotations = {
    mitre_attack: detection.attack,
    kill_chain_phases: [],
    nist: ['DE.CM'],
    cis20: [],
    analytic_story: ['IKE and IPsec audit'],
  };
  return [
    ['action.correlationsearch.enabled', '1'],
    ['action.correlationsearch.label', savedSearchName(detection)],
    ['action.correlationsearch.annotations', JSON.stringify(annotations)],
    ['action.correlationsearch.detection_type', 'ebd'],
    ['action.correlationsearch.metadata', JSON.stringify({ detection_id: detection.id, detection_version: '1' })],
  ];
}

function emitNotable(pack: Pack, detection: Detection): Settings {
  const playbook = pack.playbooks.find(({ name }) => name === detection.playbook);
  return [
    ['action.notable', '1'],
    ['action.notable.param.rule_title', `${plainText(detection.title)}: $finding_group$`],
    ['action.notable.param.rule_description', emitDescription(detection, playbook)],
    ['action.notable.param.security_domain', DOMAINS[detection.name.split('/')[0]!] ?? 'network'],
    ['action.notable.param.severity', detection.level],
    ['action.notable.param.nes_fields', 'finding_group'],
    ['action.notable.param.next_steps', JSON.stringify({ version: 1, data: emitSteps(detection, playbook) })],
    ['action.notable.param.drilldown_searches', JSON.stringify(emitDrilldowns())],
    ['action.notable.param._entities', JSON.stringify(riskObjects(detection))],
  ];
}

function emitDescription(detection: Detection, playbook: Playbook | undefined): string {
  return [
    plainText(detection.description),
    '$finding_count$ records from $first_seen$ to $last_seen$.',
    ...(detection.falsePositives.length ? [`May be: ${detection.falsePositives.map(plainText).join(' ')}`] : []),
    ...(playbook ? [`Response: ${plainText(playbook.title)} (${playbook.tier}).`] : []),
  ].join(' ');
}

/** Guards stand before the steps that need them. A step's number is how people speak of it. */
function emitSteps(detection: Detection, playbook: Playbook | undefined): string {
  const guards = (playbook?.guards ?? []).map(
    ({ ask, if: answer, then }) => `- ${plainText(ask)} If ${plainText(answer)}: ${plainText(then)}`,
  );
  const steps = [
    ...detection.response.map(plainText),
    ...(playbook?.steps ?? []).map((step) => `${step.guarded ? '(after the guards) ' : ''}${plainText(step.do)}`),
  ];
  return [
    ...(playbook ? [plainText(playbook.aim)] : []),
    ...(guards.length ? ['Guards, before anything is blocked:', ...guards] : []),
    ...(steps.length ? ['Steps:', ...steps.map((step, index) => `${index + 1}. ${step}`)] : []),
  ].join('\n');
}

/** From the pivots of a finding, five minutes before it and after it. */
function emitDrilldowns(): { name: string; search: string; earliest_offset: string; latest_offset: string }[] {
  const around = { earliest_offset: '$pivot_earliest$', latest_offset: '$pivot_latest$' };
  return [
    { name: 'IKE records of this gateway and peer', search: '`ikeaudit_events` peer_ip="$src$" OR dvc="$dvc$"' },
    {
      name: 'Flows of the peer',
      search:
        '| from datamodel:"Network_Traffic"."All_Traffic" | search src="$src$" OR dest="$src$" | stats count sum(bytes) BY src dest dest_port transport action',
    },
    {
      name: 'Other authentications of the identity or from the peer (RADIUS, directory)',
      search:
        '| from datamodel:"Authentication"."Authentication" | search user="$user$" OR src="$src$" | stats count BY app action user src dest',
    },
    {
      name: 'Changes on the gateway',
      search: '| from datamodel:"Change"."All_Changes" | search dvc="$dvc$" OR dest="$dvc$" | stats count BY action object user',
    },
  ].map((one) => ({ ...one, ...around }));
}

function emitRisk(detection: Detection): Settings {
  return [
    ['action.risk', '1'],
    ['action.risk.param._risk_message', `${plainText(detection.title)}: $finding_group$, $finding_count$ records`],
    ['action.risk.param._risk', JSON.stringify([...riskObjects(detection), ...threatObjects(detection)])],
    ['action.risk.param._risk_score', '0'],
    ['action.risk.param.verbose', '0'],
  ];
}

/** The gateway is at risk, and the user whose identity is counted. The peer is the threat. */
function riskObjects(detection: Detection) {
  const score = RISK[detection.level];
  const gateway = { risk_object_field: 'dvc', risk_object_type: 'system', risk_score: score };
  const user = { risk_object_field: 'user', risk_object_type: 'user', risk_score: score };
  return countedBy(detection, 'user_identity') ? [user, gateway] : [gateway];
}

function threatObjects(detection: Detection) {
  return countedBy(detection, 'peer_ip') ? [{ threat_object_field: 'src', threat_object_type: 'ip_address' }] : [];
}

function countedBy({ groupings }: Detection, field: string): boolean {
  return groupings.flat().some((key) => keyFields(key).includes(field));
}
