/** Faults that somebody could make in a detection, or a target in saying it: each changes one thing. */
import type { Detection, Form, Of, Selection } from '../../generator/model/detection.js';

/** @returns the detection with the fault; undefined where it has nothing that could be wrong so */
type Fault = (detection: Detection) => Detection | undefined;

const withForm = (detection: Detection, form: Partial<Form>): Detection => ({
  ...detection,
  form: { ...detection.form, ...form } as Form,
});

/** No record is of it. */
const NEVER: Selection = { name: 'never', any: [[{ field: 'msg_type', op: 'is', values: ['no_such_event'] }]], not: [] };
const NOTHING: Of = { any: ['never'], not: [] };
const withNever = (detection: Detection): Detection => ({
  ...detection,
  selections: { ...detection.selections, never: NEVER },
});

/** The first selection with another event in place of its first one. */
function swapEvent(detection: Detection): Detection | undefined {
  const [name, selection] = Object.entries(detection.selections)[0] ?? [];
  if (!name || !selection) return undefined;
  let done = false;
  const any = selection.any.map((all) =>
    all.map((one) => {
      if (done || one.field !== 'msg_type') return one;
      done = true;
      const [first, ...others] = one.values;
      return { ...one, values: [first === 'ike_deleted' ? 'config_loaded' : 'ike_deleted', ...others] };
    }),
  );
  return done ? { ...detection, selections: { ...detection.selections, [name]: { ...selection, any } } } : undefined;
}

export const DETECTION_FAULTS: Record<string, Fault> = {
  'threshold one too high': (detection) =>
    'atLeast' in detection.form ? withForm(detection, { atLeast: detection.form.atLeast + 1 }) : undefined,
  'threshold one too low': (detection) =>
    'atLeast' in detection.form && detection.form.atLeast > 1
      ? withForm(detection, { atLeast: detection.form.atLeast - 1 })
      : undefined,
  'window halved': (detection) =>
    'within' in detection.form ? withForm(detection, { within: Math.floor(detection.form.within / 2) }) : undefined,
  'window doubled': (detection) =>
    'within' in detection.form ? withForm(detection, { within: detection.form.within * 2 }) : undefined,
  'an event swapped': swapEvent,
  'anchor dropped': (detection) => {
    const { form } = detection;
    if (form.form === 'absence') return withNever(withForm(detection, { without: NOTHING }));
    return form.form === 'temporal_ordered' && form.steps.length > 1
      ? withForm(detection, { steps: form.steps.slice(1) })
      : undefined;
  },
  'order reversed': (detection) =>
    detection.form.form === 'temporal_ordered' ? withForm(detection, { steps: [...detection.form.steps].reverse() }) : undefined,
  'a step that asks for one more': (detection) => {
    const { form } = detection;
    if (form.form !== 'temporal_ordered') return undefined;
    const [first, ...others] = form.steps;
    return withForm(detection, { steps: [{ ...first!, atLeast: first!.atLeast + 1 }, ...others] });
  },
  'grouped by the wrong field': (detection) => ({
    ...detection,
    groupings: detection.groupings.map(([first, ...others]) => [first === 'gateway' ? 'peer' : 'gateway', ...others]),
  }),
  'different values of the wrong field': (detection) =>
    detection.form.form === 'value_count' ? withForm(detection, { distinct: 'host' }) : undefined,
  'a grouping dropped': (detection) =>
    detection.groupings.length > 1 ? { ...detection, groupings: detection.groupings.slice(1) } : undefined,
  'the inner window halved': (detection) => {
    const [name, match] = Object.entries(detection.matches)[0] ?? [];
    if (!name || !match) return undefined;
    const form = { ...match.form, within: Math.floor(match.form.within / 2) };
    return { ...detection, matches: { ...detection.matches, [name]: { ...match, form } } };
  },
  'the inner anchor dropped': (detection) => {
    const [name, match] = Object.entries(detection.matches)[0] ?? [];
    if (!name || match?.form.form !== 'absence') return undefined;
    const form = { ...match.form, without: NOTHING };
    return withNever({ ...detection, matches: { ...detection.matches, [name]: { ...match, form } } });
  },
  'the share doubled': (detection) =>
    detection.form.form === 'ratio' ? withForm(detection, { share: Math.min(1, detection.form.share * 2) }) : undefined,
  'an exception dropped': (detection) => {
    const found = Object.entries(detection.selections).find(([, { not }]) => not.length);
    if (!found) return undefined;
    const [name, selection] = found;
    return { ...detection, selections: { ...detection.selections, [name]: { ...selection, not: [] } } };
  },
  'a number one off': (detection) => {
    const [name] = Object.keys(detection.numbers);
    if (!name) return undefined;
    const off = (value: string | number | boolean) =>
      typeof value === 'number' && value === detection.numbers[name] ? value + 1 : value;
    const selections = Object.fromEntries(
      Object.entries(detection.selections).map(([key, selection]) => [
        key,
        { ...selection, any: selection.any.map((all) => all.map((one) => ({ ...one, values: one.values.map(off) }))) },
      ]),
    );
    return { ...detection, numbers: { ...detection.numbers, [name]: detection.numbers[name]! + 1 }, selections };
  },
};

/** So many faults of each detection, another choice for each, so that all kinds come in turn. */
const OF_EACH = 3;

export interface SeededFault {
  fault: string;
  original: Detection;
  mutated: Detection;
}

export function seedFaults(detections: readonly Detection[]): SeededFault[] {
  const kinds = Object.entries(DETECTION_FAULTS);
  return detections.flatMap((original, index) => {
    const possible = kinds.flatMap(([fault, apply]) => {
      const mutated = apply(original);
      return mutated ? [{ fault, original, mutated }] : [];
    });
    return Array.from(
      { length: Math.min(OF_EACH, possible.length) },
      (_, i) => possible[(index + i * 2) % possible.length]!,
    ).filter((one, i, all) => all.indexOf(one) === i);
  });
}
