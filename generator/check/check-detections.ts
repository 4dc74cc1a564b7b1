/** Check: what detections, playbooks and settings name is there, and every number of a detection has its reason. */
import { type ContentDocument, placeOf, placeWithin } from '../load/load-content.js';
import { ALGORITHM_FIELDS, profileNumber } from '../model/algorithm-levels.js';
import {
  COMPUTED_FIELDS,
  type Detection,
  type Form,
  KEYS,
  type MEASURES,
  OPERATORS,
  type BASELINES,
} from '../model/detection.js';
import { type Diagnostic, type DiagnosticCode, didYouMean } from '../model/diagnostic.js';
import type { Pack } from '../model/pack.js';

type Path = (string | number)[];
type Raw = Record<string, unknown>;

/** Operators that compare numbers. */
const NUMERIC = ['lt', 'lte', 'gt', 'gte'];
const NUMBER_TYPES = ['int', 'long', 'float', 'port'];

/** The lists of a baseline that hold each measure. */
const BASELINES_OF: Record<(typeof MEASURES)[number], (typeof BASELINES)[number]> = {
  network: 'networks',
  suite: 'suites',
  strength: 'strength',
  lifetime: 'lifetimes',
  rekey_interval: 'rekey_intervals',
  hour: 'hours',
};

/** The keys of a form that are numbers somebody chose. */
const NUMBERS = ['at_least', 'within', 'share', 'tolerance', 'quiet'];
const FORM_MEMBERS = { at_least: 'atLeast', within: 'within', share: 'share', tolerance: 'tolerance', quiet: 'quiet' } as const;

export function checkDetections(documents: ContentDocument[], pack: Pack): Diagnostic[] {
  const found: Diagnostic[] = [];
  const ids = new Map<string, string>();
  for (const document of documents) {
    if (document.kind === 'settings' && document.data) checkSettings(document, pack, found);
    const detection = pack.detections.find(({ file }) => file === document.file);
    if (document.kind !== 'detection' || !detection) continue;
    new DetectionCheck(document, detection, pack, found).check();
    const other = ids.get(detection.id);
    if (other) found.push({ code: 'unique-id', place: detection.place.id, message: `"${other}" has this id already.` });
    else ids.set(detection.id, detection.name);
  }
  return found;
}

class DetectionCheck {
  private readonly document: ContentDocument;
  private readonly detection: Detection;
  private readonly pack: Pack;
  private readonly found: Diagnostic[];

  constructor(document: ContentDocument, detection: Detection, pack: Pack, found: Diagnostic[]) {
    this.document = document;
    this.detection = detection;
    this.pack = pack;
    this.found = found;
  }

  check(): void {
    const { detection, pack } = this;
    const raw = this.document.data as Raw;
    if (detection.base) this.known('known-detection', 'detection', detection.base, names(pack.detections), ['base']);
    for (const [name, selection] of Object.entries((raw.select as Raw | undefined) ?? {}))
      this.selection(selection, ['select', name]);
    for (const [name, match] of Object.entries((raw.matches as Record<string, Raw> | undefined) ?? {}))
      for (const [form, body] of Object.entries(match)) this.form(body as Raw, ['matches', name, form]);
    for (const [form, body] of Object.entries(raw.detect as Record<string, Raw>)) this.form(body, ['detect', form]);
    this.known('known-playbook', 'playbook', detection.playbook, names(pack.playbooks), ['response', 'playbook']);
    this.reasons(raw);
  }

  private add(code: DiagnosticCode, path: Path, message: string, on: 'value' | 'key' = 'value'): void {
    this.found.push({ code, place: placeOf(this.document, path, on), message });
  }

  /** @param what the kind of thing, as the message calls it */
  private known(code: DiagnosticCode, what: string, name: string, candidates: Iterable<string>, path: Path): boolean {
    const all = [...candidates];
    if (all.includes(name)) return true;
    this.add(code, path, `Unknown ${what} "${name}".${didYouMean(name, all)}`);
    return false;
  }

  private selection(selection: unknown, path: Path): void {
    const maps = Array.isArray(selection) ? (selection as Raw[]) : [selection as Raw];
    for (const [index, map] of maps.entries()) {
      const at = Array.isArray(selection) ? [...path, index] : path;
      this.comparisons(map, at);
      const refused = map.not as Raw | Raw[] | undefined;
      if (Array.isArray(refused)) for (const [place, one] of refused.entries()) this.comparisons(one, [...at, 'not', place]);
      else if (refused) this.comparisons(refused, [...at, 'not']);
      if (!('msg_type' in map)) {
        const message = `"${String(path.at(-1))}" does not say which events it wants: name its msg_type, or every record is looked at.`;
        const { file, start } = placeOf(this.document, at);
        this.found.push({ code: 'selection-names-event', place: { file, start, end: start + 1 }, message });
      }
    }
  }

  private comparisons(map: Raw, path: Path): void {
    for (const [key, value] of Object.entries(map)) {
      if (key === 'not') continue;
      const [name = '', operator] = key.split('|');
      const fields = [...this.pack.fields.keys()];
      if (!fields.includes(name)) {
        this.add('known-field', [...path, key], `Unknown field "${name}".${didYouMean(name, fields)}`, 'key');
        continue;
      }
      if (operator !== undefined && !(OPERATORS as readonly string[]).includes(operator)) {
        const message = `Unknown operator "${operator}".${didYouMean(operator, OPERATORS)}`;
        this.add('operator-fits', [...path, key], message, 'key');
        continue;
      }
      for (const [index, one] of (Array.isArray(value) ? value : [value]).entries())
        this.value(name, operator ?? 'is', one, Array.isArray(value) ? [...path, key, index] : [...path, key]);
    }
  }

  private value(name: string, operator: string, value: unknown, path: Path): void {
    const field = this.pack.fields.get(name)!;
    const wrong = (message: string) => this.add('operator-fits', path, message);
    if (typeof value === 'string' && value.startsWith('$')) {
      const number = value.slice(1);
      const known =
        number in this.detection.numbers || this.pack.profiles.some((one) => profileNumber(this.pack, one.name, number));
      if (!known)
        this.add('known-number', path, `Unknown number "${value}".${didYouMean(number, Object.keys(this.detection.numbers))}`);
      return;
    }
    if (NUMERIC.includes(operator)) {
      if (!NUMBER_TYPES.includes(field.type) && !(COMPUTED_FIELDS as readonly string[]).includes(name))
        wrong(`"${name}" is no number, and "${operator}" compares numbers.`);
      else if (typeof value !== 'number') wrong(`"${String(value)}" is no number, and "${operator}" compares numbers.`);
    } else if (operator === 'cidr') {
      if (field.type !== 'ip') wrong(`"${name}" is no address, and "cidr" compares addresses with networks.`);
      else if (!/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(String(value))) wrong(`"${String(value)}" is no network, such as 192.0.2.0/24.`);
    } else if (operator === 'weak') {
      if (!(name in ALGORITHM_FIELDS))
        wrong(`"${name}" is no algorithm. "weak" knows ${Object.keys(ALGORITHM_FIELDS).join(', ')}.`);
      else if (value !== true) wrong(`"weak" takes true.`);
    } else if (operator === 'exists') {
      if (typeof value !== 'boolean') wrong(`"exists" takes true or false.`);
    } else if (operator === 'fieldref') {
      this.known('known-field', 'field', String(value), this.pack.fields.keys(), path);
    } else if (operator === 'is' && name === 'msg_type') {
      this.known('known-event', 'event', String(value), this.pack.events.keys(), path);
    } else if (operator === 'is' && field.values && !field.values.map(String).includes(String(value))) {
      const message = `"${String(value)}" is no value of "${name}".${didYouMean(String(value), field.values.map(String))}`;
      this.add('known-value', path, message);
    }
  }

  private form(body: Raw, path: Path): void {
    for (const key of ['of', 'without', 'among']) if (typeof body[key] === 'string') this.of(body[key] as string, [...path, key]);
    for (const [index, step] of ((body.steps as Raw[] | undefined) ?? []).entries())
      this.of(step.of as string, [...path, 'steps', index, 'of']);
    this.keys(body.by, [...path, 'by']);
    for (const [index, keys] of ((body.by_each as unknown[] | undefined) ?? []).entries())
      this.keys(keys, [...path, 'by_each', index]);
    this.keys(body.distinct, [...path, 'distinct']);
    if (typeof body.after === 'string') {
      this.known('known-field', 'field', body.after, this.pack.fields.keys(), [...path, 'after']);
    }
    const measure = (body.measure ?? body.value) as keyof typeof BASELINES_OF | undefined;
    if (measure && BASELINES_OF[measure] !== body.baseline) {
      const message = `"${measure}" is learnt as "${BASELINES_OF[measure]}", and not as "${String(body.baseline)}".`;
      this.add('measure-fits-baseline', [...path, 'baseline'], message);
    }
  }

  /** The names in `a or b and not c`, each with its own place. */
  private of(text: string, path: Path): void {
    const candidates = [...Object.keys(this.detection.selections), ...Object.keys(this.detection.matches)];
    for (const { 0: name, index } of text.matchAll(/[^\s]+/g)) {
      if (['or', 'and', 'not'].includes(name) || candidates.includes(name)) continue;
      const place = placeWithin(this.document, path, index, index + name.length);
      const message = `Unknown selection or match "${name}".${didYouMean(name, candidates)}`;
      this.found.push({ code: 'known-selection', place, message });
    }
  }

  private keys(value: unknown, path: Path): void {
    if (value === undefined) return;
    for (const [index, key] of (Array.isArray(value) ? (value as string[]) : [value as string]).entries()) {
      const name = key.endsWith('?') ? key.slice(0, -1) : key;
      if (name in KEYS || this.pack.fields.has(name)) continue;
      const message = `Unknown key or field "${name}".${didYouMean(name, [...Object.keys(KEYS), ...this.pack.fields.keys()])}`;
      this.add('known-group-key', Array.isArray(value) ? [...path, index] : path, message);
    }
  }

  private reasons(raw: Raw): void {
    const { detection } = this;
    const numbers = numbersOf(detection);
    const given = Object.keys((raw.because as Raw | undefined) ?? {});
    for (const name of given) {
      if (numbers.includes(name)) continue;
      this.add(
        'reason-for-number',
        ['because', name],
        `"${name}" is no number of this detection.${didYouMean(name, numbers)}`,
        'key',
      );
    }
    for (const name of numbers) {
      if (name in detection.because) continue;
      const { file, start } = placeOf(this.document, ['because']);
      const message = `There is no reason for "${name}".${didYouMean(
        name,
        given.filter((one) => !numbers.includes(one)),
      )}`;
      this.found.push({ code: 'reason-for-number', place: { file, start, end: start + 1 }, message });
    }
  }
}

/** The numbers of a detection that need a reason and can be set, by their YAML names. */
function numbersOf({ form, matches, numbers }: Detection): string[] {
  const nested = Object.values(matches).flatMap((match) => formNumbers(match.form).map((name) => `${match.name}.${name}`));
  return [...formNumbers(form), ...nested, ...Object.keys(numbers)];
}

function formNumbers(form: Form): string[] {
  const body = form as unknown as Record<string, unknown>;
  const counted = form.form === 'temporal_ordered' && form.steps.some(({ atLeast }) => atLeast > 1);
  return NUMBERS.filter(
    (name) => typeof body[FORM_MEMBERS[name as keyof typeof FORM_MEMBERS]] === 'number' || (name === 'at_least' && counted),
  );
}

function checkSettings(document: ContentDocument, pack: Pack, found: Diagnostic[]): void {
  const raw = document.data as Raw;
  const all = names(pack.detections);
  const folders = [...new Set(all.map((name) => `${name.split('/')[0]}/*`))];
  const add = (code: DiagnosticCode, path: Path, message: string, on: 'value' | 'key' = 'value') =>
    found.push({ code, place: placeOf(document, path, on), message });
  const detection = (name: unknown, path: Path, candidates: string[], on: 'value' | 'key' = 'value') => {
    if (!candidates.includes(String(name)))
      add('known-detection', path, `Unknown detection "${String(name)}".${didYouMean(String(name), candidates)}`, on);
  };
  if (raw.profile !== undefined && !names(pack.profiles).includes(String(raw.profile))) {
    const message = `Unknown profile "${String(raw.profile)}".${didYouMean(String(raw.profile), names(pack.profiles))}`;
    add('known-profile', ['profile'], message);
  }
  for (const [index, name] of ((raw.disabled as unknown[] | undefined) ?? []).entries())
    detection(name, ['disabled', index], all);
  for (const [index, exclusion] of ((raw.exclude as Raw[] | undefined) ?? []).entries())
    for (const [place, name] of ((exclusion.detections as unknown[] | undefined) ?? []).entries())
      detection(name, ['exclude', index, 'detections', place], [...all, ...folders]);
  for (const [name, thresholds] of Object.entries((raw.thresholds as Record<string, Raw> | undefined) ?? {})) {
    detection(name, ['thresholds', name], all, 'key');
    const known = pack.detections.find((one) => one.name === name);
    if (!known) continue;
    for (const threshold of Object.keys(thresholds)) {
      if (numbersOf(known).includes(threshold)) continue;
      const message = `"${name}" has no number "${threshold}".${didYouMean(threshold, numbersOf(known))}`;
      add('known-threshold', ['thresholds', name, threshold], message, 'key');
    }
  }
}

function names(list: readonly { name: string }[]): string[] {
  return list.map(({ name }) => name);
}
