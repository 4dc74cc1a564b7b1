/** macros.conf of the app: every threshold in one place, a filter for each detection, and the parts that all searches share. */
import { thresholdsOf } from '../../lower/apply-settings.js';
import type { Detection } from '../../model/detection.js';
import type { Pack } from '../../model/pack.js';
import type { Stanza } from './conf-file.js';
import { namedNumbers } from './spl-selection.js';
import { filterName, thresholdName } from './spl-names.js';

/** Fields of a finding from which other searches go on, by the names that the Common Information Model has for them, and ours. */
const PIVOTS: [field: string, as: string][] = [
  ['peer_ip', 'src'],
  ['peer_port', 'src_port'],
  ['local_ip', 'dest'],
  ['local_port', 'dest_port'],
  ['user_identity', 'user'],
  ['dvc', 'dvc'],
  ['msg_type', 'signature'],
  ['peer_id', 'peer_id'],
  ['local_id', 'local_id'],
  ['connection', 'connection'],
  ['sa_id', 'sa_id'],
  ['ike_spi_i', 'ike_spi_i'],
  ['ike_spi_r', 'ike_spi_r'],
  ['esp_spi_in', 'esp_spi_in'],
  ['esp_spi_out', 'esp_spi_out'],
  ['assigned_ip', 'assigned_ip'],
  ['radius_server', 'radius_server'],
  ['cert_serial', 'cert_serial'],
  ['cert_subject', 'cert_subject'],
];

export function emitAppMacros(pack: Pack): Stanza[] {
  return [
    ...pack.detections.flatMap(emitThresholds),
    ...pack.detections.map((detection) => ({
      name: filterName(detection),
      comment: [`What the rule "${detection.title}" must leave out: write your own conditions, such as: where dvc!="lab-gw1"`],
      settings: [['definition', 'search *']] as Stanza['settings'],
    })),
    ...SHARED,
  ];
}

function emitThresholds(detection: Detection): Stanza[] {
  const { numbers } = detection;
  const used = new Set(namedNumbers(detection).map(([name]) => name));
  const thresholds = Object.entries(thresholdsOf(detection)).filter(([number]) => !(number in numbers) || used.has(number));
  return thresholds.map(([number, value]) => ({
    name: thresholdName(detection, number),
    comment: [`${detection.file}, ${number}${isDuration(number) ? ', in seconds' : ''}${because(detection, number)}`],
    settings: [['definition', String(value)]],
  }));
}

function isDuration(number: string): boolean {
  return /(?:^|\.)(?:within|quiet)$/.test(number);
}

function because({ because: reasons }: Detection, number: string): string {
  const reason = reasons[number];
  return reason === undefined ? '' : `: ${reason.replace(/\s+/g, ' ').trim()}`;
}

/** Values of a finding come from its first records: an attacker can make as many as it likes. */
const MOST_RECORDS = 200;

const pivots = PIVOTS.map(([field, as]) => `values(eval(if(ikeaudit_kept==1, ${field}, null()))) AS ${as}`).join(' ');

const SHARED: Stanza[] = [
  {
    name: 'ikeaudit_findings',
    comment: [
      'Findings: a finding opens where the condition is met first, covers the records of its group that follow, and ends after a silence. In: records in the',
      'order of group and time, with ikeaudit_met, ikeaudit_opened, ikeaudit_evidence, ikeaudit_first and ikeaudit_quiet. Times are in milliseconds.',
    ],
    settings: [
      [
        'definition',
        [
          'streamstats current=f max(ikeaudit_t) AS ikeaudit_before BY ikeaudit_group',
          'eval ikeaudit_begins=if(isnull(ikeaudit_before) OR ikeaudit_t-ikeaudit_before>ikeaudit_quiet, 1, 0)',
          'streamstats sum(ikeaudit_begins) AS ikeaudit_episode BY ikeaudit_group',
          'streamstats count AS ikeaudit_number sum(ikeaudit_met) AS ikeaudit_mets BY ikeaudit_group ikeaudit_episode',
          'eval ikeaudit_opens=if(ikeaudit_met==1 AND ikeaudit_mets==1, 1, 0), ' +
            `ikeaudit_kept=if(ikeaudit_opens==1 OR ikeaudit_number<=${MOST_RECORDS}, 1, 0), ` +
            'ikeaudit_opened=if(ikeaudit_opens==1, ikeaudit_opened, null()), ikeaudit_first=if(ikeaudit_opens==1, ikeaudit_first, null()), ' +
            'ikeaudit_earlier=if(ikeaudit_opens==1, ikeaudit_number-ikeaudit_evidence, null()), ikeaudit_shown=coalesce(ikeaudit_shown, ikeaudit_group)',
          'stats count AS ikeaudit_records max(ikeaudit_opened) AS ikeaudit_opened max(ikeaudit_first) AS ikeaudit_first ' +
            'max(ikeaudit_earlier) AS ikeaudit_earlier min(ikeaudit_t) AS ikeaudit_from max(ikeaudit_t) AS ikeaudit_last ' +
            `${pivots} BY ikeaudit_group ikeaudit_episode ikeaudit_shown`,
          'where isnotnull(ikeaudit_opened)',
          'eval _time=ikeaudit_opened/1000, finding_group=ikeaudit_shown, finding_count=ikeaudit_records-ikeaudit_earlier, ' +
            'ikeaudit_first=max(ikeaudit_first, ikeaudit_from)/1000, ikeaudit_last=ikeaudit_last/1000, ' +
            'first_seen=strftime(ikeaudit_first, "%F %T %Z"), last_seen=strftime(ikeaudit_last, "%F %T %Z"), ' +
            'pivot_earliest=floor(ikeaudit_first)-300, pivot_latest=floor(ikeaudit_last)+300',
          'fields - ikeaudit_*',
        ].join('\n| '),
      ],
    ],
  },
  {
    name: 'ikeaudit_horizon',
    comment: [
      'The end of the time range, or now: what had to come before it and did not is missing. A search by hand may judge what is open there.',
    ],
    settings: [
      [
        'definition',
        'addinfo\n| eval ikeaudit_horizon=1000*min(coalesce(tonumber(info_max_time), now()), now()), ' +
          'ikeaudit_by_hand=if(match(info_sid, "^scheduler_"), 0, 1)',
      ],
    ],
  },
  {
    name: 'ikeaudit_new(1)',
    comment: [
      'A scheduled run reports what opened since the run before it, though it must look further back to see it. A search by hand reports all.',
    ],
    settings: [
      ['args', 'seconds'],
      [
        'definition',
        'addinfo\n| where match(info_sid, "^(?!scheduler_)") OR _time>=tonumber(info_max_time)-$seconds$\n| fields - info_*',
      ],
    ],
  },
];
