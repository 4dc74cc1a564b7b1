/** Checks of the add-on and the app as they would be emitted, parser by parser; what is wrong is told at the place in the content from which it came. */
import type { Detection } from '../../model/detection.js';
import type { Diagnostic, Place } from '../../model/diagnostic.js';
import type { OutputCheck } from '../../model/output-check.js';
import type { Pack, Parser } from '../../model/pack.js';
import { checkLimits } from './check-limits.js';
import { checkOutput, type Fault, fieldsOfFormat } from './check-output.js';
import { emitMacros } from './emit-macros.js';
import { addOn, type App, detectionsApp } from './emit.js';
import { Pcre } from './pcre.js';
import { baselineSearchName, savedSearchName, shortName } from './spl-names.js';

export function checkSplunk(pack: Pack): OutputCheck[] {
  const { parsers, detections: _, playbooks: __, advice: ___, settings: ____, ...mappings } = pack;
  return [
    ...parsers.map((parser) => ({ reads: [mappings, parser], run: (deep: boolean) => checkParser(pack, parser, deep) })),
    { reads: [pack], run: () => checkDetections(pack) },
  ];
}

async function checkParser(pack: Pack, parser: Parser, deep: boolean): Promise<Diagnostic[]> {
  const pcre = await Pcre.create();
  try {
    const app = addOn({ ...pack, parsers: [parser] });
    const faults = [
      ...checkOutput(app, pcre).map((fault) => diagnose(fault, placeInParser(parser, fault))),
      ...lostConstants(app, parser),
    ];
    if (!deep || faults.length) return faults;
    return checkLimits(app, pack, parser, pcre).map(({ entry, error }) => ({
      code: 'splunk-limits',
      place: entry?.place.line ?? beginOf(parser.file),
      message: `On ${entry ? 'a line of 10,000 bytes that almost is this one' : 'a line of 10,000 bytes'} Splunk gives up, and takes it as one that nothing reads (${error.split(':')[0]}).`,
    }));
  } finally {
    pcre.destroy();
  }
}

async function checkDetections(pack: Pack): Promise<Diagnostic[]> {
  const pcre = await Pcre.create();
  try {
    return checkOutput(detectionsApp(pack), pcre, emitMacros(pack)).map((fault) =>
      diagnose(fault, placeInDetections(pack, fault)),
    );
  } finally {
    pcre.destroy();
  }
}

/** A value with a blank is captured where the line says it, because no specification tells how to write it in a FORMAT. */
function lostConstants({ confs }: App, parser: Parser): Diagnostic[] {
  const entries = new Map(parser.entries.map((entry) => [entry.template.source, entry]));
  const found = new Map<string, Diagnostic>();
  for (const { comment = [], settings } of confs.transforms!) {
    const format = settings.find(([key]) => key === 'FORMAT')?.[1] ?? '';
    for (const entry of comment.flatMap((source) => entries.get(source) ?? [])) {
      if (entry.kind !== 'event') continue;
      for (const [field, value] of Object.entries({ msg_type: entry.event!, ...entry.set })) {
        if (fieldsOfFormat(format).includes(field)) continue;
        const message = `Splunk cannot set "${field}" to "${value}": what is more than letters, digits, "_", "." and "-" must stand in the line itself.`;
        found.set(`${entry.id} ${field}`, { code: 'splunk-output', place: entry.place.line, message });
      }
    }
  }
  return [...found.values()];
}

function diagnose({ conf, stanza, message }: Fault, place: Place): Diagnostic {
  return { code: 'splunk-output', place, message: `In Splunk's ${conf}.conf, [${stanza.name}] ${message}` };
}

/** A transform's comment is the lines that it reads. */
function placeInParser(parser: Parser, { conf, stanza }: Fault): Place {
  const entry =
    conf === 'transforms' ? parser.entries.find(({ template }) => stanza.comment?.includes(template.source)) : undefined;
  return entry?.place.line ?? beginOf(parser.file);
}

function placeInDetections(pack: Pack, { conf, stanza }: Fault): Place {
  const isOf = (detection: Detection) =>
    conf === 'savedsearches'
      ? [savedSearchName(detection), baselineSearchName(detection)].includes(stanza.name)
      : stanza.name.startsWith(`ikeaudit_${shortName(detection)}_`);
  return pack.detections.find(isOf)?.place.id ?? beginOf('settings.yml');
}

function beginOf(file: string): Place {
  return { file, start: 0, end: 1 };
}
