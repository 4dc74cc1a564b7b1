/**
 * One detection as one self-contained file of Sigma documents: base rules, and correlations over them. A key that is the first of several fields becomes a
 * correlation per field, each over the records that lack the fields before it.
 */
import {
  type Comparison,
  type Detection,
  type Key,
  type Match,
  type Of,
  readKey,
  type Selection,
  type TemporalOrderedForm,
} from '../../model/detection.js';
import { EXACT, type Exactness } from '../../model/exactness.js';
import type { Pack } from '../../model/pack.js';
import { attackTags } from './attack-tags.js';
import { DATE, DEFINITION, LOGSOURCE } from './emit-rule.js';
import { escapeWildcards } from './escape-wildcards.js';
import { ruleId } from './rule-id.js';
import { titleCase } from './title-case.js';

/** A document of the file; members in SigmaHQ's order. */
type Document = Record<string, unknown>;

/** Records that a key finds by one of its fields: they have that field, and lack the ones before it. */
interface Variant {
  /** added to names; '' for the first field of every key */
  suffix: string;
  fields: string[];
  lacking: string[];
}

/** As SigmaHQ has it for rules of less than two months, whatever the detection's own status. */
const STATUS = 'experimental';

const NOT_EXPRESSIBLE: Partial<Record<Detection['form']['form'], string>> = {
  absence: 'Sigma 2.1 has no correlation for something that did not happen.',
  ratio: 'Sigma 2.1 has no correlation that compares two counts.',
  first_seen: 'Sigma 2.1 knows no baseline: a value that was never seen before cannot be asked for.',
  deviation: 'Sigma 2.1 knows no baseline: a usual range cannot be asked for.',
};

/** @returns the path below dist/sigma/, named as SigmaHQ names rules of category network, and correlations */
export function detectionPath(detection: Detection): string {
  const [folder, file] = detection.name.split('/') as [string, string];
  const { form, selections } = detection;
  const correlated =
    (form.form !== 'event' || form.of.any.some((one) => !(one in selections))) &&
    sigmaExactness(detection).verdict !== 'not expressible';
  return `rules/${folder}/${correlated ? 'correlation' : 'net'}_ike_${file.replaceAll('-', '_')}.yml`;
}

/** @param detection to which settings have been applied. @returns the documents of its file, base rules first */
export function emitDetection(pack: Pack, detection: Detection): Document[] {
  const writer = new DetectionWriter(pack, detection);
  return writer.write();
}

/** @returns how far the file says what the detection means */
export function sigmaExactness(detection: Detection): Exactness {
  const { form, matches, groupings } = detection;
  const inexpressible = NOT_EXPRESSIBLE[form.form];
  if (inexpressible) return { verdict: 'not expressible', why: inexpressible };
  const used = form.form === 'temporal_ordered' ? form.steps.flatMap(({ of }) => of.any) : 'of' in form ? form.of.any : [];
  const nested = used.flatMap((name) => matches[name] ?? []);
  const absent = nested.find((match) => match.form.form === 'absence');
  if (absent) return { verdict: 'not expressible', why: `It counts what was not answered. ${NOT_EXPRESSIBLE.absence}` };
  const why: string[] = [];
  const orders = [form, ...nested.map((match) => match.form)].filter(
    (one): one is TemporalOrderedForm => one.form === 'temporal_ordered',
  );
  const ofOneSa = nested.length > 0 && nested.every(({ by }) => isOfOneSa(by));
  if (ofOneSa)
    why.push('The records of one SA are paired whatever their order, because records of the same moment have none in Sigma.');
  else if (orders.length)
    why.push(
      'Records of the same moment have no order in Sigma: a pair within one second of a log that tells whole seconds is missed.',
    );
  if (orders.some(({ steps }) => steps.some(({ atLeast }) => atLeast > 1)))
    why.push('The count of a step has a window of its own, as long as that of the order: it may begin up to one window earlier.');
  if (nested.length) why.push('A record may serve in several pairs.');
  if (form.form === 'value_count' && readKey(form.distinct).fields.length > 1)
    why.push(`Only values of ${readKey(form.distinct).fields[0]} are counted.`);
  if (form.form !== 'event' && groupings.some((keys) => keys.filter((key) => ways(key) > 1).length > 1))
    why.push('Records that lack the first field of two keys at once are not counted.');
  return why.length ? { verdict: 'approximate', why: why.join(' ') } : EXACT;
}

class DetectionWriter {
  private readonly documents: Document[] = [];
  private readonly pack: Pack;
  private readonly detection: Detection;
  private readonly stem: string;

  constructor(pack: Pack, detection: Detection) {
    this.pack = pack;
    this.detection = detection;
    this.stem = `ike_${detection.name.split('/')[1]!.replaceAll('-', '_')}`;
  }

  write(): Document[] {
    const { detection } = this;
    const { form, groupings } = detection;
    if (form.form === 'event' && sigmaExactness(detection).verdict !== 'not expressible') {
      const plain = { ...form.of, any: form.of.any.filter((name) => name in detection.selections) };
      if (plain.any.length) this.documents.push(this.main(this.stem, detection.id, this.detect(plain, [])));
      for (const { name, by, form: order } of form.of.any.flatMap((one) => detection.matches[one] ?? [])) {
        const title = `${this.stem}_${name}`;
        const variant = this.pairing(by);
        const correlation = this.ordered(title, order as TemporalOrderedForm, { ...variant, suffix: name });
        const id = this.documents.some((document) => document.id === detection.id) ? ruleId(title) : detection.id;
        this.documents.push(this.main(title, id, { correlation }, ` - ${name.replaceAll('_', ' ')}`));
      }
      return this.documents;
    }
    if (sigmaExactness(detection).verdict === 'not expressible') {
      for (const [index, of] of this.leaves().entries()) this.base(`part${index + 1}`, of, []);
      return this.documents;
    }
    let first = true;
    for (const keys of groupings) {
      for (const variant of variantsOf(keys)) {
        const name = [this.stem, groupings.length > 1 ? keys.join('_') : '', variant.suffix].filter(Boolean).join('_by_');
        const correlation = this.correlation(name, variant);
        this.documents.push(
          this.main(
            name,
            first ? detection.id : ruleId(name),
            { correlation },
            first ? '' : ` by ${variant.fields.join(' and ').replaceAll('_', ' ')}`,
          ),
        );
        first = false;
      }
    }
    return this.documents;
  }

  /** The document that alerts. */
  private main(name: string, id: string, body: Document, which = ''): Document {
    const { detection } = this;
    const { correlation, ...rest } = body;
    return {
      title: titleCase(detection.title + which),
      id,
      name,
      status: STATUS,
      description: this.description(),
      ...(detection.references.length ? { references: detection.references } : {}),
      author: 'ikeaudit',
      date: DATE,
      ...(detection.attack.length ? { tags: attackTags(this.pack.attack, detection.attack) } : {}),
      ...rest,
      ...(correlation ? { correlation } : {}),
      falsepositives: falsePositives(detection),
      level: detection.level,
    };
  }

  private description(): string {
    const { detection, pack } = this;
    const { why } = sigmaExactness(detection);
    const playbook = pack.playbooks.find(({ name }) => name === detection.playbook);
    const response = [
      ...detection.response,
      ...(playbook ? playbook.guards.map((guard) => `Ask first: ${guard.ask} If ${guard.if}: ${guard.then}`) : []),
      ...(playbook?.steps.map((step) => step.do) ?? []),
    ];
    return [
      detection.description,
      `Misses: ${detection.misses}`,
      ...(why ? [`In Sigma: ${why}`] : []),
      ...(response.length ? [`Response: ${response.join(' ')}`] : []),
    ].join('\n');
  }

  private correlation(name: string, variant: Variant): Document {
    const { form } = this.detection;
    const grouping = variant.fields.length ? { 'group-by': variant.fields.map((field) => this.sigma(field)) } : {};
    switch (form.form) {
      case 'event_count':
        return {
          type: 'event_count',
          rules: this.sources('base', form.of, variant),
          ...grouping,
          timespan: timespan(form.within),
          condition: { gte: form.atLeast },
        };
      case 'value_count':
        return {
          type: 'value_count',
          rules: this.sources('base', form.of, variant),
          ...grouping,
          timespan: timespan(form.within),
          condition: { field: this.sigma(readKey(form.distinct).fields[0]!), gte: form.atLeast },
        };
      case 'temporal_ordered':
        return this.ordered(name, form, variant);
      default:
        throw new Error(`Unexpected form ${form.form}`);
    }
  }

  private ordered(name: string, { steps, within }: TemporalOrderedForm, variant: Variant): Document {
    const grouping = variant.fields.length ? { 'group-by': variant.fields.map((field) => this.sigma(field)) } : {};
    const rules = steps.map(({ of, atLeast }, index) => {
      const sources = this.sources(`step${index + 1}`, of, variant);
      if (atLeast === 1 && sources.length === 1) return sources[0]!;
      const counted = `${name}_count${index + 1}`;
      this.documents.push({
        title: `${titleCase(this.detection.title)} - Count of Step ${index + 1}${this.detection.groupings.length > 1 ? titleCase(` by ${variant.fields.join(' and ')}`.replaceAll('_', ' ')) : ''}`,
        id: ruleId(counted),
        name: counted,
        status: STATUS,
        description: `Part of "${this.detection.title}": ${atLeast} records of step ${index + 1}. It does not alert by itself.`,
        author: 'ikeaudit',
        date: DATE,
        correlation: {
          type: 'event_count',
          rules: sources,
          ...grouping,
          timespan: timespan(within),
          condition: { gte: atLeast },
        },
        falsepositives: falsePositives(this.detection),
        level: 'informational',
      });
      return counted;
    });
    // the records of one SA come in the order of its life, and those of one second would have none
    const type = isOfOneSa(variant.fields) ? 'temporal' : 'temporal_ordered';
    return { type, rules, ...grouping, timespan: timespan(within) };
  }

  /** @returns names of the rules that give what `of` names, which are written before what uses them */
  private sources(part: string, of: Of, variant: Variant): string[] {
    const { detection } = this;
    const matches = of.any.flatMap((name) => detection.matches[name] ?? []).map((match) => this.match(match));
    const plain = { ...of, any: of.any.filter((name) => name in detection.selections) };
    return [
      ...matches,
      ...(plain.any.length ? [this.base([part, variant.suffix].filter(Boolean).join('_by_'), plain, variant.lacking)] : []),
    ];
  }

  /** How the records of a pair are grouped. Of one SA, also by what the pairs are counted by, which its records have in common: an alert names it then. */
  private pairing(by: Key[]): Variant {
    const [variant] = variantsOf(by) as [Variant];
    if (!isOfOneSa(variant.fields)) return variant;
    const [outer] = variantsOf(this.detection.groupings[0] ?? []) as [Variant];
    return { ...variant, fields: [...new Set([...variant.fields, ...outer.fields])] };
  }

  private match({ name, by, form }: Match): string {
    if (form.form !== 'temporal_ordered') throw new Error('Unexpected form of a match');
    const variant = this.pairing(by);
    const title = `${this.stem}_${name}`;
    if (this.documents.some((document) => document.name === title)) return title;
    const correlation = this.ordered(title, form, { ...variant, suffix: name, lacking: [] });
    this.documents.push({
      title: `${titleCase(this.detection.title)} - ${titleCase(name.replaceAll('_', ' '))}`,
      id: ruleId(title),
      name: title,
      status: STATUS,
      description: `Part of "${this.detection.title}". It does not alert by itself.`,
      author: 'ikeaudit',
      date: DATE,
      correlation,
      falsepositives: falsePositives(this.detection),
      level: 'informational',
    });
    return title;
  }

  /** Writes a rule that selects records and does not alert. @returns its name */
  private base(part: string, of: Of, lacking: string[]): string {
    const name = `${this.stem}_${part}`;
    if (this.documents.some((document) => document.name === name)) return name;
    this.documents.push({
      title: `${titleCase(this.detection.title)} - ${titleCase(part.replaceAll('_', ' '))}`,
      id: ruleId(name),
      name,
      status: STATUS,
      description: `Selects the records of "${this.detection.title}". A single one deserves no alert.`,
      author: 'ikeaudit',
      date: DATE,
      ...this.detect(of, lacking),
      falsepositives: falsePositives(this.detection),
      level: 'informational',
    });
    return name;
  }

  /** The records of `of` that lack these fields, as logsource and detection. */
  private detect(of: Of, lacking: string[]): Document {
    const { selections } = this.detection;
    const wanted = of.any.flatMap((name) => selections[name] ?? []);
    const refused = [...wanted.flatMap(({ not }) => not), ...of.not.flatMap((name) => selections[name]?.any ?? [])];
    const one = wanted.length === 1;
    const detection: Document = {};
    for (const selection of wanted)
      detection[one ? 'selection' : `selection_${selection.name}`] = this.alternatives(selection.any);
    if (refused.length) detection.filter_main = this.alternatives(refused);
    if (lacking.length)
      detection.filter_named = this.alternatives(lacking.map((field): Comparison[] => [{ field, op: 'exists', values: [true] }]));
    const selected = one ? 'selection' : '1 of selection_*';
    const filtered = refused.length || lacking.length ? ' and not 1 of filter_*' : '';
    return { logsource: { ...LOGSOURCE, definition: DEFINITION }, detection: { ...detection, condition: selected + filtered } };
  }

  private alternatives(any: Selection['any']): Document | Document[] {
    const maps = any.map((comparisons) => Object.fromEntries(comparisons.map((comparison) => this.comparison(comparison))));
    return maps.length === 1 ? maps[0]! : maps;
  }

  private comparison({ field, op, values }: Comparison): [string, unknown] {
    const key = this.sigma(field);
    switch (op) {
      case 'is':
        return [key, oneOrMany(values.map((value) => this.value(field, value)))];
      case 'fieldref':
        return [`${key}|fieldref`, oneOrMany(values.map((name) => this.sigma(String(name))))];
      case 'exists':
        // more backends know the wildcard and null than know `exists`
        return [key, values[0] === false ? null : '*'];
      case 'weak':
        throw new Error('Unexpected comparison with a profile: applySettings resolves them');
      default:
        return [`${key}|${op}`, oneOrMany(values.map((value) => this.value(field, value)))];
    }
  }

  /** What the form looks at, for detections that Sigma cannot count. */
  private leaves(): Of[] {
    const { form, matches } = this.detection;
    const inputs: Of[] =
      form.form === 'temporal_ordered'
        ? form.steps.map(({ of }) => of)
        : 'without' in form
          ? [form.of, form.without]
          : 'among' in form
            ? [form.of, form.among]
            : [form.of];
    return inputs.flatMap((of) =>
      of.any.some((name) => name in matches)
        ? of.any
            .flatMap((name) => matches[name] ?? [])
            .flatMap((match) =>
              match.form.form === 'absence' ? [match.form.of, match.form.without] : match.form.steps.map((step) => step.of),
            )
        : [of],
    );
  }

  /** A number is written as one, and in a text nothing is a wildcard. */
  private value(field: string, value: string | number | boolean): string | number | boolean {
    if (typeof value !== 'string') return value;
    const isNumber =
      ['int', 'long', 'port', 'float'].includes(this.pack.fields.get(field)?.type ?? '') && /^-?\d+(\.\d+)?$/.test(value);
    return isNumber ? Number(value) : escapeWildcards(value);
  }

  private sigma(field: string): string {
    return this.pack.fields.get(field)?.sigma ?? field;
  }
}

/** @returns how the records of these keys are told apart by fields: every key by its first field, then by the next ones of one key */
function variantsOf(keys: Key[]): Variant[] {
  const alternatives = keys.map(readKey);
  const first: Variant = { suffix: '', fields: alternatives.map(({ fields }) => fields[0]!), lacking: [] };
  const others = alternatives.flatMap(({ fields }, position) =>
    fields.slice(1).map((field, index): Variant => ({
      suffix: field,
      fields: first.fields.map((other, at) => (at === position ? field : other)),
      lacking: fields.slice(0, index + 1),
    })),
  );
  const without = keys.flatMap((key, position): Variant[] =>
    key.endsWith('?')
      ? [
          {
            suffix: `none_of_${alternatives[position]!.fields[0]}`,
            fields: first.fields.filter((_, at) => at !== position),
            lacking: alternatives[position]!.fields,
          },
        ]
      : [],
  );
  return [first, ...others, ...without];
}

function isOfOneSa(fields: readonly string[]): boolean {
  return fields.some((field) => ['sa', 'sa_id', 'sa_root'].includes(field));
}

/** @returns by how many fields a key tells records apart; to have none counts as one */
function ways(key: Key): number {
  return readKey(key).fields.length + (key.endsWith('?') ? 1 : 0);
}

/** SigmaHQ writes them without a full stop. */
function falsePositives(detection: Detection): string[] {
  return detection.falsePositives.map((text) => text.replace(/\.$/, ''));
}

/** @returns Sigma's timespan: the largest unit that leaves a whole number */
function timespan(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const)
    if (seconds % size === 0) return `${seconds / size}${unit}`;
  return `${seconds}s`;
}

function oneOrMany<T>(values: T[]): T | T[] {
  return values.length === 1 ? values[0]! : values;
}
