import { thresholdsOf } from '../lower/apply-settings.js';
import type { Comparison, Detection, Form, Of } from '../model/detection.js';
import type { ExactnessOf } from '../model/exactness.js';
import type { Pack } from '../model/pack.js';
import { cell, code, duration, GENERATED, plain, table } from './markdown.js';

const DURATIONS = /(^|\.)(within|quiet)$/;

/** @returns the list of all detections, and a page for each folder */
export function emitDetectionPages(pack: Pack, exactness: ExactnessOf): [string, string][] {
  const folders = [...new Set(pack.detections.map(({ name }) => name.split('/')[0]!))];
  return [
    ['detections.md', emitList(pack, exactness)],
    ...folders.map((folder): [string, string] => [
      `detections/${folder}.md`,
      emitFolder(
        pack,
        folder,
        pack.detections.filter(({ name }) => name.startsWith(`${folder}/`)),
        exactness,
      ),
    ]),
  ];
}

function emitList(pack: Pack, exactness: ExactnessOf): string {
  const targets = Object.keys(exactness);
  const rows = pack.detections.map((detection) => {
    const [folder, name] = detection.name.split('/') as [string, string];
    return [
      `[${code(detection.name)}](detections/${folder}.md#${name})`,
      cell(detection.title),
      detection.level,
      detection.form.form,
      ...targets.map((target) => exactness[target]!(detection, pack).verdict),
    ];
  });
  return `${GENERATED}
# Detections

${pack.detections.length} detections. Thresholds are defaults: \`settings.yml\` overrides them for \`audit\` and \`build\` alike. The last columns say how far a target's rule keeps the meaning;
the pages say why, and [parity.md](parity.md) shows on how many logs each was run.

${table(['detection', 'catches', 'level', 'form', ...targets], rows)}
`;
}

function emitFolder(pack: Pack, folder: string, detections: Detection[], exactness: ExactnessOf): string {
  return `${GENERATED}
# Detections: ${folder}

${detections.map((detection) => emitDetection(pack, detection, exactness)).join('\n\n')}
`;
}

function emitDetection(pack: Pack, detection: Detection, exactness: ExactnessOf): string {
  const playbook = pack.playbooks.find(({ name }) => name === detection.playbook);
  const thresholds = Object.entries(thresholdsOf(detection)).map(([name, value]) => [
    code(name),
    DURATIONS.test(name) ? duration(value) : String(value),
    cell(detection.because[name] ?? ''),
  ]);
  const selections = Object.values(detection.selections).map(({ name, any, not }) => {
    const refused = not.length ? `, and not ${alternatives(not)}` : '';
    return `- ${code(name)}: ${alternatives(any)}${refused}`;
  });
  const matches = Object.values(detection.matches).map(
    ({ name, by, form }) => `- ${code(name)}: ${describeForm(form)} by ${by.join(' and ')}`,
  );
  const verdicts = Object.entries(exactness).flatMap(([target, judge]) => {
    const { verdict, why, raw } = judge(detection, pack);
    return [[target, verdict, cell(why)], ...(raw ? [[`${target}, raw lines`, raw.verdict, cell(raw.why)]] : [])];
  });
  return [
    `## ${detection.name.split('/')[1]!}`,
    `**${plain(detection.title)}** (${detection.level}). ${plain(detection.description)}`,
    `*Misses.* ${plain(detection.misses)}`,
    ...(detection.shown ? [`*Shown by.* ${plain(detection.shown)}`] : []),
    [
      ...selections,
      ...matches,
      `- finds ${describeForm(detection.form)}, by ${detection.groupings.map((keys) => keys.join(' and ') || 'the whole log').join(', and by ')}`,
    ].join('\n'),
    ...(thresholds.length ? [table(['threshold', 'default', 'because'], thresholds)] : []),
    `*False positives.* ${detection.falsePositives.map(plain).join(' ')}`,
    `*Response.* ${[...detection.response.map(plain), playbook ? `Playbook ${code(playbook.name)} (${playbook.tier}): ${plain(playbook.aim)}` : ''].join(' ')}`,
    ...(detection.attack.length ? [`*ATT&CK.* ${detection.attack.join(', ')}`] : []),
    table(['target', 'translation', 'why'], verdicts),
    `Id ${code(detection.id)}, [${detection.file}](../../${detection.file}).`,
  ].join('\n\n');
}

function alternatives(any: Comparison[][]): string {
  return any.map((comparisons) => comparisons.map(describeComparison).join(' and ')).join('; or ');
}

function describeComparison({ field, op, values }: Comparison): string {
  const shown = values.length > 12 ? [...values.slice(0, 12), `… (${values.length} values)`] : values;
  const text = code(shown.join(', '));
  return op === 'is' ? `${code(field)} ${text}` : `${code(field)} ${op} ${text}`;
}

function describeForm(form: Form): string {
  switch (form.form) {
    case 'event':
      return `each ${describeOf(form.of)}`;
    case 'event_count':
      return `${form.atLeast} ${describeOf(form.of)} in ${duration(form.within)}`;
    case 'value_count':
      return `${form.atLeast} different ${code(form.distinct)} of ${describeOf(form.of)} in ${duration(form.within)}`;
    case 'temporal_ordered':
      return `${form.steps.map(({ of, atLeast }) => `${atLeast > 1 ? `${atLeast} ` : ''}${describeOf(of)}`).join(', then ')} in ${duration(form.within)}`;
    case 'absence':
      return `${describeOf(form.of)} without ${describeOf(form.without)} in ${form.after ? `${code(form.after)} and ` : ''}${duration(form.within)}`;
    case 'ratio':
      return `a share of ${describeOf(form.of)} among ${describeOf(form.among)} above ${form.share}, of at least ${form.atLeast} in ${duration(form.within)}`;
    case 'first_seen':
      return `a ${form.value} of ${describeOf(form.of)} that the baseline's ${form.baseline} do not hold`;
    case 'deviation':
      return `a ${form.measure} of ${describeOf(form.of)} ${form.side} the baseline's ${form.baseline}`;
  }
}

function describeOf({ any, not }: Of): string {
  return any.map(code).join(' or ') + (not.length ? ` and not ${not.map(code).join(' or ')}` : '');
}
