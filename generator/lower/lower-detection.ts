/** Lowers one detection or playbook: selections become comparisons, durations seconds. Names are resolved by the checks; nothing is thrown. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type {
  Comparison,
  ComposedEvent,
  Detection,
  DetectionTest,
  Form,
  Key,
  Match,
  Of,
  Operator,
  Playbook,
  Selection,
} from '../model/detection.js';
import type { Place } from '../model/diagnostic.js';
import { OPERATORS } from '../model/detection.js';

type Raw = Record<string, unknown>;

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** @returns seconds of `90s`, `5m`, `24h`, `14d`; a number is seconds already; NaN for anything else */
export function readDuration(value: unknown): number {
  if (typeof value === 'number') return value;
  const found = /^(\d+)([smhd])$/.exec(String(value));
  return found ? Number(found[1]) * SECONDS[found[2]!]! : Number.NaN;
}

/** @returns the detection of `detections/<folder>/<name>.yml` */
export function lowerDetection(document: ContentDocument): Detection {
  const raw = document.data as Raw;
  const detect = raw.detect as Record<string, Raw>;
  const form = Object.keys(detect)[0]! as Form['form'];
  const body = detect[form]!;
  const response = raw.response as { playbook: string; first?: string[] };
  return {
    name: nameOf(document),
    title: raw.title as string,
    id: raw.id as string,
    status: raw.status as Detection['status'],
    level: raw.level as Detection['level'],
    description: textOf(raw.description),
    misses: textOf(raw.misses),
    shown: textOf(raw.shown ?? ''),
    references: (raw.references as string[]) ?? [],
    attack: (raw.attack as string[]) ?? [],
    selections: Object.fromEntries(
      Object.entries((raw.select as Raw) ?? {}).map(([name, selection]) => [name, lowerSelection(name, selection)]),
    ),
    matches: Object.fromEntries(
      Object.entries((raw.matches as Record<string, Record<string, Raw>>) ?? {}).map(([name, match]) => [
        name,
        lowerMatch(name, match),
      ]),
    ),
    base: (raw.base as string) ?? '',
    numbers: (raw.numbers as Record<string, number>) ?? {},
    groupings: lowerGroupings(body),
    form: lowerForm(form, body),
    because: (raw.because as Record<string, string>) ?? {},
    falsePositives: ((raw.false_positives as string[]) ?? []).map(textOf),
    playbook: response.playbook,
    response: (response.first ?? []).map(textOf),
    tests: {
      fires: lowerTests(document, 'fires'),
      quiet: lowerTests(document, 'quiet'),
    },
    place: { whole: placeOf(document, []), id: placeOf(document, ['id']) },
    file: document.file,
  };
}

/** Gives each detection what its base has: selections, matches, numbers, and the reasons of these. */
export function inherit(detections: Detection[]): Detection[] {
  return detections.map((detection) => {
    const base = detections.find(({ name }) => name === detection.base && name !== detection.name);
    if (!base) return detection;
    const reasons = Object.entries(base.because).filter(([name]) => name.includes('.') || name in base.numbers);
    return {
      ...detection,
      selections: { ...base.selections, ...detection.selections },
      matches: { ...base.matches, ...detection.matches },
      numbers: { ...base.numbers, ...detection.numbers },
      because: { ...Object.fromEntries(reasons), ...detection.because },
    };
  });
}

/** @returns the playbook of `detections/playbooks/<name>.yml` */
export function lowerPlaybook(document: ContentDocument): Playbook {
  const raw = document.data as Raw;
  return {
    name: nameOf(document).split('/').at(-1)!,
    title: raw.title as string,
    tier: raw.tier as Playbook['tier'],
    aim: textOf(raw.aim),
    guards: ((raw.guards as Playbook['guards']) ?? []).map((guard) => ({
      ask: textOf(guard.ask),
      if: textOf(guard.if),
      then: textOf(guard.then),
      fact: guard.fact,
    })),
    steps: (raw.steps as { do: string; guarded?: boolean }[]).map((step) => ({
      do: textOf(step.do),
      guarded: step.guarded === true,
    })),
    file: document.file,
  };
}

/** @returns the selection of a map (all must hold) or a list of maps (one must) */
export function lowerSelection(name: string, raw: unknown): Selection {
  const maps = (Array.isArray(raw) ? raw : [raw]) as Raw[];
  const comparisons = (map: Raw) =>
    Object.entries(map)
      .filter(([key]) => key !== 'not')
      .map(([key, value]) => lowerComparison(key, value));
  return {
    name,
    any: maps.map(comparisons),
    not: maps
      .flatMap((map) => (map.not ? (Array.isArray(map.not) ? map.not : [map.not]) : []))
      .map((map) => comparisons(map as Raw)),
  };
}

function lowerComparison(key: string, value: unknown): Comparison {
  const [field, modifier] = key.split('|');
  const op = (modifier === undefined ? 'is' : modifier) as Operator;
  return {
    field: field!,
    op: OPERATORS.includes(op) ? op : (modifier as Operator),
    values: (Array.isArray(value) ? value : [value]) as Comparison['values'],
  };
}

function lowerForm(form: Form['form'], body: Raw): Form {
  const within = readDuration(body.within);
  const quiet = readDuration(body.quiet);
  const atLeast = body.at_least as number;
  const of = readOf(body.of);
  switch (form) {
    case 'event':
      return { form, of, quiet };
    case 'event_count':
      return { form, of, atLeast, within };
    case 'value_count':
      return { form, of, distinct: body.distinct as Key, atLeast, within };
    case 'temporal_ordered':
      return { form, steps: lowerSteps(body.steps as Raw[]), within };
    case 'absence':
      return {
        form,
        of,
        without: readOf(body.without),
        within,
        after: body.after as string | undefined,
        atEnd: (body.at_end as 'unanswered' | undefined) ?? 'undecided',
      };
    case 'ratio':
      return { form, of, among: readOf(body.among), share: body.share as number, atLeast, within };
    case 'first_seen':
      return { form, of, value: body.value as never, baseline: body.baseline as never, quiet };
    case 'deviation':
      return {
        form,
        of,
        measure: body.measure as never,
        baseline: body.baseline as never,
        side: body.side as never,
        tolerance: body.tolerance as number,
        learns: body.learns === true,
        quiet,
      };
  }
}

function lowerSteps(steps: Raw[]) {
  return steps.map((step) => ({ of: readOf(step.of), atLeast: (step.at_least as number) ?? 1 }));
}

function lowerMatch(name: string, raw: Record<string, Raw>): Match {
  const form = Object.keys(raw)[0] as 'absence' | 'temporal_ordered';
  const body = raw[form]!;
  return { name, by: ([] as Key[]).concat(body.by as Key), form: lowerForm(form, body) as Match['form'] };
}

/** `by: peer` is one grouping, `by: [gateway, tunnel]` one of two keys, `by_each: [peer, identity]` two of one key each. */
function lowerGroupings(body: Raw): Key[][] {
  if (body.by_each) return (body.by_each as (Key | Key[])[]).map((keys) => ([] as Key[]).concat(keys));
  return [([] as Key[]).concat((body.by as Key | Key[]) ?? [])];
}

/** Reads `a`, `a or b`, `a and not b`. */
function readOf(value: unknown): Of {
  const [wanted, ...refused] = String(value ?? '').split(/\s+and\s+not\s+/);
  return { any: wanted!.split(/\s+or\s+/).filter(Boolean), not: refused.map((name) => name.trim()).filter(Boolean) };
}

function lowerTests(document: ContentDocument, kind: 'fires' | 'quiet'): DetectionTest[] {
  const { tests } = document.data as { tests: Record<string, Raw[] | undefined> };
  return (tests[kind] ?? []).map((test, index) => lowerTest(test, placeOf(document, ['tests', kind, index, 'name'])));
}

/** @param place of its name */
export function lowerTest(raw: Raw, place: Place): DetectionTest {
  return {
    place,
    name: raw.name as string,
    recording: raw.recording as string | undefined,
    log: raw.log as string | undefined,
    lines: raw.lines as string | undefined,
    events: (raw.events as Raw[] | undefined)?.map(lowerComposed),
    baseline: raw.baseline as Raw | undefined,
    settings: raw.settings as Raw | undefined,
    findings: (raw.findings as DetectionTest['findings']) ?? [],
  };
}

function lowerComposed({ at, every, times, late, ...fields }: Raw): ComposedEvent {
  return {
    at: at === undefined ? 0 : readDuration(at),
    every: every === undefined ? 0 : readDuration(every),
    times: (times as number) ?? 1,
    late: late === undefined ? 0 : readDuration(late),
    fields: fields as ComposedEvent['fields'],
  };
}

/** `own/detections/authentication/x.yml` → `authentication/x` */
export function nameOf(document: ContentDocument): string {
  return document.file
    .replaceAll('\\', '/')
    .replace(/^(?:.*\/)?detections\//, '')
    .replace(/\.yml$/, '');
}

/** A folded text of YAML ends in a line break, which is not part of it. */
export function textOf(value: unknown): string {
  return String(value).trim();
}
