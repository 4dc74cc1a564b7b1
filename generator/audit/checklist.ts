/** The questions that end an audit, answered from the log where it can. Who is asked for proof finds here what the log proves, and what it does not. */
import type { Pack } from '../model/pack.js';
import type { Audit, ChecklistItem } from './result.js';

type Data = Omit<Audit, 'checklist'>;

export function answerChecklist(data: Data, pack: Pack, hasBaseline: boolean): ChecklistItem[] {
  return [
    centralised(data),
    normalised(data),
    baselined(pack, hasBaseline),
    keyElements(data),
    correlated(data),
    playbooks(data, pack),
    hardened(data),
  ];
}

function centralised({ observer, assumed }: Data): ChecklistItem {
  const question = 'Are the logs collected in one place, off the gateway?';
  const hosts = [...observer.hosts];
  const time = assumed.zone || assumed.year ? ` Its time stamps lack ${assumed.year ? 'a year and a zone' : 'a zone'}.` : '';
  if (hosts.length > 1) return { question, answer: 'yes', because: `These logs hold records of ${hosts.length} hosts.${time}` };
  if (hosts.length === 1)
    return {
      question,
      answer: 'unknown',
      because: `Records carry a host name (${hosts[0]}), as a collector wants it, but all are of one host: the log cannot tell where it was kept.${time}`,
    };
  return {
    question,
    answer: 'no',
    because: `Records name no host: this is a file that the daemon wrote itself. Whoever owns the gateway can change it.${time}`,
  };
}

function normalised({ records }: Data): ChecklistItem {
  const question = 'Are all records of the daemon understood?';
  const own = records.events + records.ignored + records.unparsed;
  if (own === 0) return { question, answer: 'no', because: 'No record of a known program was found.' };
  const share = records.unparsed / own;
  const because = `${records.unparsed} of ${own} records of known programs were not understood (${percent(share)}).`;
  return { question, answer: records.unparsed === 0 ? 'yes' : share < 0.01 ? 'partly' : 'no', because };
}

function baselined({ settings, detections }: Pack, hasBaseline: boolean): ChecklistItem {
  const question = 'Are there baselines and thresholds?';
  const own = Object.keys(settings.thresholds).length;
  const thresholds = own
    ? `${own} detections have thresholds of yours`
    : `${detections.length} detections run with their default thresholds`;
  if (hasBaseline) return { question, answer: 'yes', because: `A baseline was given; ${thresholds}.` };
  return {
    question,
    answer: 'partly',
    because: `${thresholds}. No baseline was given, so that nothing can be called unusual for this gateway: learn one with "ikeaudit baseline".`,
  };
}

const ELEMENTS: [string, string[]][] = [
  ['peer addresses', ['peer_ip', 'src_ip']],
  ['identities', ['peer_id', 'user_identity']],
  ['algorithms', ['encryption', 'proposal_chosen', 'proposal']],
  ['notifies', ['notify', 'payloads', 'error_code']],
  ['certificates', ['cert_subject']],
  ['lifetimes', ['lifetime', 'rekey_in']],
  ['SPIs of child SAs', ['esp_spi_in', 'esp_spi_out', 'esp_spi']],
  ['IKE SPIs', ['ike_spi_i', 'ike_spi_r']],
];

function keyElements({ products }: Data): ChecklistItem {
  const question = 'Does the log tell the key elements of an exchange?';
  const told = (fields: string[]) => products.some((product) => fields.some((field) => product.fields.has(field)));
  const [yes, no] = [true, false].map((wanted) => ELEMENTS.filter(([, fields]) => told(fields) === wanted).map(([name]) => name));
  const because = [yes!.length ? `Told: ${yes!.join(', ')}.` : '', no!.length ? `Not told: ${no!.join(', ')}.` : ''];
  const answer = no!.length === 0 ? 'yes' : yes!.length === 0 ? 'no' : 'partly';
  return { question, answer, because: because.filter(Boolean).join(' ') };
}

function correlated({ products, observer }: Data): ChecklistItem {
  const question = 'Can records of one peer and one SA be put together?';
  const joined = products.reduce((sum, product) => sum + product.joined, 0);
  const records = products.reduce((sum, product) => sum + product.records, 0);
  if (records === 0) return { question, answer: 'no', because: 'There are no records to put together.' };
  if (observer.byOrder > 0)
    return {
      question,
      answer: 'partly',
      because: `Records have neither a thread nor an SA's number, so that they were joined by the order of the file. Where exchanges overlap, that can name the wrong peer.`,
    };
  const named = products.some(({ fields }) => fields.has('ike_sa') || fields.has('ike_spi_i') || fields.has('sa_id'));
  return {
    question,
    answer: 'yes',
    because: `${joined} of ${records} records name no peer and got theirs from other records of the same exchange or SA.${named ? ' SAs are numbered.' : ''}`,
  };
}

function playbooks({ findings, context }: Data, pack: Pack): ChecklistItem {
  const question = 'Is it clear what to do about each finding?';
  const without = findings.filter(({ playbook }) => playbook === undefined).length;
  const tables = [
    context.assetsFile === '' ? 'no table of assets' : '',
    context.changesFile === '' ? 'no table of changes' : '',
  ].filter(Boolean);
  const because = `${pack.playbooks.length} playbooks cover all detections.${tables.length ? ` There is ${tables.join(' and ')}, so that some of their guards must be asked by hand.` : ''}`;
  return { question, answer: without ? 'no' : tables.length ? 'partly' : 'yes', because };
}

function hardened({ advised }: Data): ChecklistItem {
  const question = 'Is the gateway hardened?';
  const open = advised.filter(({ advice }) => advice.kind === 'hardening');
  if (open.length === 0) return { question, answer: 'yes', because: 'Nothing in this log asks for hardening.' };
  const pressing = open.filter(({ advice }) => advice.level === 'high' || advice.level === 'critical').length;
  return {
    question,
    answer: pressing ? 'no' : 'partly',
    because: `${open.length} recommendations are open${pressing ? `, ${pressing} of them pressing` : ''}.`,
  };
}

export function percent(share: number): string {
  if (share === 0) return '0 %';
  return share < 0.001 ? 'under 0.1 %' : `${(share * 100).toFixed(1)} %`;
}
