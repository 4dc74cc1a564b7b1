/** Lowers one piece of advice: what to harden, or what a log cannot show. */
import { type ContentDocument, placeOf } from '../load/load-content.js';
import type { Advice, AdviceKind, AdviceTest } from '../model/advice.js';
import type { Place } from '../model/diagnostic.js';
import { lowerSelection, lowerTest, nameOf, textOf } from './lower-detection.js';

type Raw = Record<string, unknown>;

/** @returns the advice of `detections/hardening/<name>.yml` or `detections/limits/<name>.yml` */
export function lowerAdvice(document: ContentDocument): Advice {
  const raw = document.data as Raw;
  const when = raw.when as Raw;
  const tests = raw.tests as { holds?: Raw[]; not?: Raw[] };
  const list = (value: unknown) => ((value as unknown[] | undefined) ?? []).map(String);
  const name = nameOf(document);
  const place = placeOf(document, []);
  return {
    name,
    kind: name.split('/')[0] as AdviceKind,
    title: textOf(raw.title),
    level: raw.level as Advice['level'],
    says: textOf(raw.says),
    selections: Object.fromEntries(
      Object.entries((raw.select as Raw) ?? {}).map(([key, selection]) => [key, lowerSelection(key, selection)]),
    ),
    when: {
      seen: when.seen as string | undefined,
      atLeast: (when.at_least as number | undefined) ?? 1,
      distinct: when.distinct as string | undefined,
      unseen: when.unseen as string | undefined,
      logged: list(when.logged),
      lacksEvents: list(when.lacks_events),
      lacksFields: list(when.lacks_fields),
      neverEvents: list(when.never_events),
      neverFields: list(when.never_fields),
      lacksHeader: list(when.lacks_header),
      assumed: when.assumed as Advice['when']['assumed'],
    },
    show: list(raw.show),
    settings: ((raw.settings as Raw[] | undefined) ?? []).map((setting) => ({
      products: list(setting.for),
      where: textOf(setting.where),
      set: textOf(setting.set),
      note: textOf(setting.note ?? ''),
    })),
    references: list(raw.references),
    tests: {
      holds: (tests.holds ?? []).map((test) => readTest(test, place)),
      not: (tests.not ?? []).map((test) => readTest(test, place)),
    },
    file: document.file,
    place,
  };
}

function readTest(raw: Raw, place: Place): AdviceTest {
  const { name, recording, log, lines, settings } = lowerTest(raw, place);
  return { name, recording, log, lines, settings, count: raw.count as number | undefined };
}
