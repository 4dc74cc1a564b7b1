/** Lowers mappings/*.yml: the one place that knows the vocabulary and its ECS, CIM and Sigma names. */
import type { Attack } from '../model/attack.js';
import type { DocumentKind } from '../load/content-files.js';
import type { ContentDocument } from '../load/load-content.js';
import type { EventType, Exchange, Field, Notify, Pack, Profile, Transform, Wrapper } from '../model/pack.js';
import { TRANSFORM_TYPES } from '../model/pack.js';
import { type LineReader, lowerEnvelopes } from './lower-form.js';

type Raw = Record<string, unknown>;

/** @param readLine reads the template at a path of a document, and reports its problems */
export function lowerMappings(
  documents: ContentDocument[],
  readLine: LineReader,
): Omit<Pack, 'parsers' | 'detections' | 'playbooks' | 'advice' | 'settings'> {
  const data = (kind: DocumentKind): Raw => (documents.find((document) => document.kind === kind)?.data as Raw | undefined) ?? {};
  const envelopes = documents.find((document) => document.kind === 'envelopes');
  return {
    attack: {
      tactics: (data('attack').tactics as Attack['tactics']) ?? {},
      techniques: (data('attack').techniques as Attack['techniques']) ?? {},
    },
    fields: lowerFields((data('fields').fields as Record<string, Raw>) ?? {}),
    events: lowerEvents((data('events').events as Record<string, Raw>) ?? {}),
    notifies: (data('notifies').notifies as Notify[]) ?? [],
    notifySpellings: (data('notifies').spellings as Record<string, string>) ?? {},
    exchanges: ((data('exchanges').exchanges as Raw[]) ?? []).map((raw): Exchange => ({
      number: raw.number as number,
      name: raw.name as string,
      ikeVersion: raw.ike_version as number,
    })),
    exchangeSpellings: (data('exchanges').spellings as Record<string, string>) ?? {},
    transforms: lowerTransforms(data('transforms')),
    profiles: Object.entries((data('profiles').profiles as Record<string, Raw>) ?? {}).map(([name, document]): Profile => ({
      name,
      means: String(document.means ?? document.title ?? ''),
      document,
    })),
    envelopes: envelopes ? lowerEnvelopes(envelopes, 'envelopes', readLine) : [],
    wrappers: envelopes ? lowerWrappers(envelopes, readLine) : [],
  };
}

function lowerFields(raw: Record<string, Raw>): Map<string, Field> {
  return new Map(
    Object.entries(raw).map(([name, field]) => [
      name,
      {
        name,
        type: field.type as Field['type'],
        list: field.list === true,
        means: field.means as string,
        ecs: (field.ecs as string) ?? `ikev2.${name}`,
        cim: (field.cim as string) ?? name,
        sigma: (field.sigma as string) ?? name,
        peerControlled: field.peer_controlled === true,
        values: field.values as string[] | undefined,
      },
    ]),
  );
}

function lowerEvents(raw: Record<string, Raw>): Map<string, EventType> {
  return new Map(
    Object.entries(raw).map(([name, event]) => [
      name,
      {
        name,
        means: event.means as string,
        outcome: (event.outcome as EventType['outcome']) ?? 'unknown',
        ecs: (event.ecs as EventType['ecs']) ?? { kind: 'event', category: ['network'], type: ['info'] },
        cim: event.cim as EventType['cim'],
        level: event.level as EventType['level'],
        attack: (event.attack as string[]) ?? [],
      },
    ]),
  );
}

/** Multiplies out `{key}` and `{number}`, so that the pack holds every spelling as it is logged. */
function lowerTransforms(raw: Raw): Transform[] {
  const numberSpellings = (raw.number_spellings as Record<string, string[]> | undefined) ?? {};
  const strengths = (raw.strengths as Record<string, Record<string, number>> | undefined) ?? {};
  const byType = (raw.transforms as Record<string, Raw[]> | undefined) ?? {};
  return TRANSFORM_TYPES.flatMap((type) =>
    (byType[type] ?? []).map((transform): Transform => {
      const { number, iana, name } = transform as { number: number; iana: string; name: string };
      const keys = (transform.keys as number[] | undefined) ?? [];
      const plain = [iana, name, ...((transform.spellings as string[] | undefined) ?? [])].filter(
        (spelling) => !spelling.includes('{key}'),
      );
      const keyed = [`${iana}_{key}`, `${name}_{key}`, ...((transform.spellings as string[] | undefined) ?? [])].filter(
        (spelling) => spelling.includes('{key}'),
      );
      const spellings: Record<string, string> = {};
      for (const spelling of plain) spellings[spelling] = name;
      for (const spelling of numberSpellings[type] ?? []) spellings[spelling.replace('{number}', String(number))] = name;
      for (const key of keys) for (const spelling of keyed) spellings[spelling.replace('{key}', String(key))] = `${name}_${key}`;
      return { type, number, iana, name, keys, bits: strengths[type]?.[name], spellings };
    }),
  );
}

function lowerWrappers(document: ContentDocument, readLine: LineReader): Wrapper[] {
  const raw = ((document.data as Raw | undefined)?.wrappers as Raw[]) ?? [];
  return raw.flatMap((wrapper, index) => {
    const line = readLine(document, ['wrappers', index, 'line']);
    return line ? [{ name: wrapper.wrapper as string, line }] : [];
  });
}
