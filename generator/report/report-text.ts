/**
 * The report for a terminal, in the order in which one acts: what happened and to whom, how sure it is, what to do; then what to harden, what this log cannot
 * show, and the tables behind it. All text that comes from a log is made printable first.
 */
import { createColors } from 'picocolors';
import type { Advised } from '../audit/advice.js';
import type { Audit, Judged } from '../audit/result.js';
import type { Sighting } from '../detect/finding.js';
import type { Level } from '../model/level.js';
import { printable } from './printable.js';
import { cutTo, printTable } from './print-table.js';
import { tellCertainty } from './tell-certainty.js';
import { tellMeasurement, tellRelated } from './tell-measurement.js';
import { wrapText } from './text-width.js';
import { tellCount, tellDuration, tellGroup, tellNumber, tellSpan, tellTime } from './tell.js';

export interface TextOptions {
  width: number;
  colours: boolean;
}

type Colours = ReturnType<typeof createColors>;

/** Findings of one detection, and rows of one table, that are shown; JSON and HTML have all. */
const MOST_FINDINGS = 8;
const MOST_ROWS = 15;
const MOST_EVIDENCE = 3;

export function reportText(audit: Audit, { width, colours }: TextOptions): string {
  const page = new Page(Math.max(60, width), createColors(colours));
  head(page, audit);
  findings(page, audit);
  advice(page, audit, 'hardening', 'Harden');
  advice(page, audit, 'limits', 'What this log cannot show');
  blind(page, audit);
  peers(page, audit);
  suites(page, audit);
  lifetimes(page, audit);
  certificates(page, audit);
  checklist(page, audit);
  reading(page, audit);
  return `${page.lines.join('\n')}\n`;
}

class Page {
  readonly lines: string[] = [];
  readonly width: number;
  readonly paint: Colours;

  constructor(width: number, paint: Colours) {
    this.width = width;
    this.paint = paint;
  }

  title(text: string): void {
    this.lines.push('', this.paint.bold(text), '');
  }

  /** Text that wraps; what follows a mark stands under it. */
  text(text: string, indent = 2, mark = ''): void {
    const hang = ' '.repeat(indent + mark.length);
    const wrapped = wrapText(text, this.width - hang.length);
    this.lines.push(...wrapped.map((line, index) => (index === 0 ? ' '.repeat(indent) + mark + line : hang + line)));
  }

  /** One line, cut where it is too long. */
  line(text: string, indent: number): void {
    this.lines.push(' '.repeat(indent) + cutTo(text, this.width - indent));
  }

  blank(): void {
    if (this.lines.at(-1) !== '') this.lines.push('');
  }

  table(...args: [Parameters<typeof printTable>[0], string[][]]): void {
    const [first, ...rest] = printTable(...args, this.width);
    this.lines.push(this.paint.dim(first!), ...rest);
  }

  more(count: number, what: string): void {
    if (count > 0) this.lines.push(this.paint.dim(`  and ${tellNumber(count)} more ${what}: see --format json or html`));
  }
}

function head(page: Page, audit: Audit): void {
  const { records, period } = audit;
  page.lines.push(page.paint.bold(`IKE audit of ${printable(audit.files.join(', '))}`));
  const span = Number.isFinite(period.from)
    ? `${tellSpan(period.from, period.to)} UTC (${tellDuration(period.to - period.from)})`
    : 'no record with a time';
  page.text(`${span}, profile ${audit.profile}`, 0);
  page.text(
    `${tellCount(records.read, 'record')}: ${tellCount(records.events, 'event')}, ${tellNumber(records.ignored)} noise, ${tellNumber(records.unparsed)} not understood, ${tellNumber(records.other)} of other programs`,
    0,
  );
}

function levelLabel(paint: Colours, level: Level): string {
  const label = level.toUpperCase();
  switch (level) {
    case 'critical':
    case 'high':
      return paint.bold(paint.red(label));
    case 'medium':
      return paint.yellow(label);
    default:
      return paint.cyan(label);
  }
}

function findings(page: Page, audit: Audit): void {
  if (audit.findings.length === 0) {
    page.title('No findings');
    const reason =
      audit.records.events === 0
        ? 'There was nothing to judge: no record of a known program was found.'
        : 'Nothing in this log meets the condition of a detection. What it cannot show stands below.';
    page.text(reason);
    return;
  }
  const kinds = new Map<string, Judged[]>();
  for (const judged of audit.findings) {
    const name = judged.detection.name;
    const group = kinds.get(name);
    if (group) group.push(judged);
    else kinds.set(name, [judged]);
  }
  page.title(`${tellCount(audit.findings.length, 'finding')}, the most pressing first`);
  for (const group of kinds.values()) kind(page, audit, group);
}

/** All findings of one detection. */
function kind(page: Page, audit: Audit, group: Judged[]): void {
  const { paint } = page;
  const [first] = group as [Judged];
  const { detection, playbook } = first;
  page.blank();
  page.text(
    `${paint.bold(detection.title)}  ${paint.dim(detection.name)}`,
    2,
    `${levelLabel(paint, detection.level)} `.replace(/ $/, ' '),
  );
  page.text(detection.description, 4);
  for (const judged of group.slice(0, MOST_FINDINGS)) finding(page, audit, judged);
  page.more(group.length - MOST_FINDINGS, 'of these');
  page.blank();
  const steps = [
    ...detection.response,
    ...(playbook?.steps ?? []).map(({ do: step, guarded }) =>
      guarded ? `${step} ${paint.dim('(ask the guards first)')}` : step,
    ),
  ];
  page.text(paint.bold(`What to do${playbook ? `: ${playbook.title}` : ''}`), 4);
  for (const [index, step] of steps.entries()) page.text(step, 4, `${index + 1}. `);
  for (const [index, guard] of (playbook?.guards ?? []).entries()) {
    const answers = group.map(({ answers: all }) => all[index]);
    if (answers.some((answer) => answer !== undefined)) continue;
    page.text(`${guard.ask} ${paint.dim(`If ${guard.if}:`)} ${guard.then}`, 4, 'ask: ');
  }
  if (detection.falsePositives.length) page.text(paint.dim(`Harmless causes: ${detection.falsePositives.join(' ')}`), 4);
}

function finding(page: Page, audit: Audit, { finding: found, detection, playbook, answers, measured, related }: Judged): void {
  const { paint } = page;
  page.blank();
  const values = found.values.length ? `, ${tellCount(found.values.length, 'value')}` : '';
  page.text(
    `${paint.bold(printable(tellGroup(found.group)))}  ${tellCount(found.count, 'time')}${values}, ${tellSpan(found.firstSeen, found.lastSeen)}${found.lastSeen > found.firstSeen ? ` (${tellDuration(found.lastSeen - found.firstSeen)})` : ''}  ${paint.dim(found.id.slice(0, 8))}`,
    4,
  );
  page.text(tellCertainty(found, detection), 6, '');
  if (found.values.length) page.line(printable(found.values.slice(0, 12).join(', ')), 6);
  for (const one of measured) page.text(printable(tellMeasurement(one)), 6, '');
  if (related.length) page.text(`Of the same records: ${related.map(tellRelated).join(', ')}.`, 6, '');
  evidence(page, audit, found.evidence, found.count);
  for (const [index, answer] of answers.entries()) {
    if (answer === undefined) continue;
    const guard = playbook!.guards[index]!;
    const verdict = { yes: paint.green('yes'), no: 'no', unknown: paint.dim('not known') }[answer.verdict];
    const then = answer.verdict === (guard.if === 'no' ? 'no' : 'yes') ? ` ${guard.then}` : '';
    page.text(`${guard.ask}${guard.fact === 'asset' ? '' : ` ${verdict}.`} ${printable(answer.because)}${then}`, 6, '? ');
  }
}

function evidence(page: Page, audit: Audit, sightings: Sighting[], count: number): void {
  for (const { file, line, raw } of sightings.slice(0, MOST_EVIDENCE))
    page.lines.push(page.paint.dim(`      ${cutTo(`${fileLabel(audit, file)}:${line}  ${printable(raw)}`, page.width - 6)}`));
  if (count > MOST_EVIDENCE) page.lines.push(page.paint.dim(`      and ${tellNumber(count - MOST_EVIDENCE)} more`));
}

function advice(page: Page, audit: Audit, wanted: Advised['advice']['kind'], title: string): void {
  const all = audit.advised.filter(({ advice: { kind: is } }) => is === wanted);
  if (all.length === 0) return;
  page.title(title);
  for (const { advice: one, products, count, distinct, shown, evidence: seen, settings } of all) {
    const { paint } = page;
    const many =
      one.when.seen === undefined
        ? ''
        : `  ${tellCount(count, 'record')}${one.when.distinct ? `, ${tellNumber(distinct)} different` : ''}`;
    page.text(`${paint.bold(one.title)}${paint.dim(many)}`, 2, wanted === 'hardening' ? `${levelLabel(paint, one.level)} ` : '');
    page.text(one.says, 4);
    if (shown.length)
      page.text(shown.map(([value, times]) => `${printable(value)} (${tellNumber(times)})`).join(', '), 4, 'seen: ');
    for (const { file, line, raw } of seen.slice(0, 1))
      page.lines.push(paint.dim(`    ${cutTo(`${fileLabel(audit, file)}:${line}  ${printable(raw)}`, page.width - 4)}`));
    for (const { where, set, note } of settings) {
      page.text(paint.cyan(where), 4);
      for (const line of set.split('\n')) page.lines.push(`      ${line}`);
      if (note) page.text(paint.dim(note), 6);
    }
    if (settings.length === 0 && one.settings.length > 0)
      page.text(
        paint.dim(
          `For ${products.map(({ title: name }) => name).join(', ')} no setting is known here; the pack has them for other products.`,
        ),
        4,
      );
    page.blank();
  }
  page.lines.pop();
}

function blind(page: Page, { blind: all, products }: Audit): void {
  if (all.length === 0 || products.length === 0) return;
  page.blank();
  page.text(
    `These detections stay silent, because ${products.map(({ parser }) => parser.title).join(' and ')} never says what they look for: ${all.map(({ name }) => name).join(', ')}.`,
  );
}

function peers(page: Page, { observer, forgotten }: Audit): void {
  const rows = observer.peers.rows;
  if (rows.length === 0) return;
  page.title(`Peers (${tellNumber(rows.length + forgotten.peers)})`);
  page.table(
    [
      { title: 'peer' },
      { title: 'failed', right: true },
      { title: 'succeeded', right: true },
      { title: 'SAs', right: true },
      { title: 'children', right: true },
      { title: 'rekeys', right: true },
      { title: 'deletes', right: true },
      { title: 'last seen' },
      { title: 'identities', flexible: true },
    ],
    rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        printable(row.peer),
        ...[row.authFailed, row.authSucceeded, row.established, row.childEstablished, row.rekeys, row.deletes].map(dash),
        tellTime(row.lastSeen),
        printable([...row.identities].join(', ')),
      ]),
  );
  page.more(rows.length - MOST_ROWS, 'peers');
  if (forgotten.peers > 0)
    page.text(`${tellCount(forgotten.peers, 'peer')} that came once had to make room and are not in the table.`);
}

function suites(page: Page, { observer, profile }: Audit): void {
  const rows = observer.suites.rows;
  if (rows.length === 0) return;
  page.title(`Algorithms agreed on, as profile ${profile} sees them`);
  page.table(
    [
      { title: 'level' },
      { title: 'for' },
      { title: 'suite', flexible: true },
      { title: 'times', right: true },
      { title: 'peers', right: true },
      { title: 'why', flexible: true },
    ],
    rows
      .slice(0, MOST_ROWS)
      .map(({ level, protocol, algorithms, count, peers: of, morePeers }) => [
        level,
        printable(protocol),
        printable(algorithms.map(({ name }) => name).join(' / ')),
        tellNumber(count),
        `${of.size}${morePeers ? '+' : ''}`,
        algorithms.flatMap(({ name, reason }) => (reason ? [`${name}: ${reason}`] : [])).join('; '),
      ]),
  );
  page.more(rows.length - MOST_ROWS, 'suites');
}

function lifetimes(page: Page, { observer }: Audit): void {
  const rows = observer.lifetimes.rows;
  if (rows.length === 0) return;
  const span = (one: { least: number; greatest: number } | undefined) => {
    if (one === undefined) return '–';
    const [least, greatest] = [tellDuration(one.least * 1000), tellDuration(one.greatest * 1000)];
    return least === greatest ? least : `${least} to ${greatest}`;
  };
  page.title('Lifetimes and rekeys');
  page.table(
    [
      { title: 'connection', flexible: true },
      { title: 'SAs', right: true },
      { title: 'SA lives' },
      { title: 'rekeyed in' },
      { title: 'SA rekeys', right: true },
      { title: 'child rekeys', right: true },
      { title: 'every' },
    ],
    rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        printable(row.connection),
        dash(row.established),
        span(row.lifetime),
        span(row.rekeyIn),
        dash(row.ikeRekeyed),
        dash(row.childRekeyed),
        span(row.childInterval),
      ]),
  );
  page.more(rows.length - MOST_ROWS, 'connections');
}

function certificates(page: Page, { observer }: Audit): void {
  const rows = observer.certificates.rows;
  if (rows.length === 0) return;
  page.title('Certificates');
  page.table(
    [
      { title: 'subject', flexible: true },
      { title: 'ends' },
      { title: 'said of it', flexible: true },
      { title: 'peers', flexible: true },
    ],
    rows
      .slice(0, MOST_ROWS)
      .map((row) => [
        printable(row.subject),
        row.notAfter ? row.notAfter.slice(0, 10) : 'not told',
        [...row.states].join(', '),
        printable([...row.peers].join(', ')),
      ]),
  );
  page.more(rows.length - MOST_ROWS, 'certificates');
}

function checklist(page: Page, audit: Audit): void {
  const { paint } = page;
  page.title('Checklist');
  const marks = {
    yes: paint.green('yes    '),
    partly: paint.yellow('partly '),
    no: paint.red('no     '),
    unknown: paint.dim('unknown'),
  };
  for (const { question, answer, because } of audit.checklist) {
    page.text(`${paint.bold(question)} ${printable(because)}`, 2 + 9);
    const at = page.lines.findLastIndex((line) => line.includes(question.slice(0, 12)));
    page.lines[at] = `  ${marks[answer]}  ${page.lines[at]!.slice(11)}`;
  }
}

/** How the log was read: what the reader must know before he believes it. */
function reading(page: Page, audit: Audit): void {
  const { assumed, forgotten, unparsed, products, observer } = audit;
  const notes: string[] = [];
  if (assumed.zone) notes.push(`Times carry no zone and were read in ${audit.zone}; say otherwise with --zone.`);
  if (assumed.year)
    notes.push('Times carry no year and were read as the latest that is not after tomorrow; say otherwise with --now.');
  if (forgotten.late > 0)
    notes.push(`${tellCount(forgotten.late, 'record')} came later than the settings allow (late_by) and were not counted.`);
  if (forgotten.timeless > 0)
    notes.push(`${tellCount(forgotten.timeless, 'record')} had no time, and were counted at that of the record before.`);
  if (forgotten.sas > 0)
    notes.push(`${tellCount(forgotten.sas, 'SA or address', 'SAs or addresses')} had to be forgotten while records were joined.`);
  if (forgotten.groups > 0)
    notes.push(
      `${tellCount(forgotten.groups, 'group or finding', 'groups or findings')} had to be forgotten while records were counted.`,
    );
  if (observer.suites.leftOut + observer.certificates.leftOut > 0)
    notes.push('Some suites or certificates found no room in their tables.');
  if (audit.since !== undefined || audit.until !== undefined) notes.push('Only records between --since and --until were judged.');
  for (const { parser, records, joined } of products)
    notes.push(
      `${parser.title}: ${tellCount(records, 'event')}, of which ${tellNumber(joined)} got their peer from other records.`,
    );
  page.title('How the log was read');
  for (const note of notes) page.text(note, 2, '- ');
  if (unparsed.length === 0) return;
  page.text(
    `Records that were not understood (${tellCount(unparsed.length, 'kind')}), with "ikeaudit explain" for each:`,
    2,
    '- ',
  );
  for (const { count, message } of unparsed.slice(0, 5)) page.line(`${tellNumber(count)} × ${printable(message)}`, 4);
}

/** @returns the file's name, without its folder where that leaves no doubt */
function fileLabel({ files }: Audit, index: number): string {
  const short = files.map((file) => file.replace(/^.*[\\/]/, ''));
  const label = short[index] ?? '';
  return printable(short.filter((other) => other === label).length > 1 ? files[index]! : label);
}

function dash(count: number): string {
  return count === 0 ? '–' : tellNumber(count);
}
