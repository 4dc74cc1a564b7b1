/**
 * Look-up tables. No cell is empty, because what an automatic look-up makes of an empty cell is not documented: a table holds the rows that have a
 * value, and a record without a row gets no field.
 */
import { vocabularyOf } from '../../engine/vocabulary.js';
import type { EventType, Pack, Parser, TransformType } from '../../model/pack.js';

export interface Lookup {
  /** the stanza in transforms.conf; the file is <name>.csv */
  name: string;
  columns: string[];
  rows: (string | number)[][];
  /** upper and lower case are the same */
  ignoreCase?: boolean;
}

/** What an event means, whichever parser read it. */
export function eventLookups(pack: Pack): Lookup[] {
  const events = [...pack.events.values()];
  const table = (name: string, columns: string[], row: (event: EventType) => string[] | undefined): Lookup => ({
    name,
    columns: ['msg_type', ...columns],
    rows: events.flatMap((event) => {
      const cells = row(event);
      return cells ? [[event.name, ...cells]] : [];
    }),
  });
  const inDataset = (dataset: string, cells: (event: EventType) => string[]) => (event: EventType) =>
    event.cim?.dataset === dataset ? cells(event) : undefined;
  return [
    table('ikeaudit_outcomes', ['outcome'], ({ outcome }) => (outcome === 'unknown' ? undefined : [outcome])),
    table('ikeaudit_actions', ['action'], ({ cim }) => (cim?.action ? [cim.action] : undefined)),
    table('ikeaudit_severities', ['severity'], ({ level }) => (level ? [level] : undefined)),
    table(
      'ikeaudit_alerts',
      ['type', 'description'],
      inDataset('Alerts', ({ means }) => ['alert', means]),
    ),
    table(
      'ikeaudit_intrusions',
      ['ids_type', 'category'],
      inDataset('Intrusion_Detection', () => ['network', 'vpn']),
    ),
    table(
      'ikeaudit_changes',
      ['change_type', 'object_category', 'status'],
      inDataset('Change', ({ outcome }) => ['vpn', 'configuration', outcome]),
    ),
  ];
}

export const ALGORITHM_FIELDS = {
  encryption: 'encryption',
  integrity: 'integrity',
  prf: 'prf',
  key_exchange: 'dh_group',
} as const;
export type AlgorithmType = keyof typeof ALGORITHM_FIELDS;

/** The vendor's words: the registered ones, the common spellings and the parser's own. */
export function wordLookups(pack: Pack, parser: Parser, prefix: string): Lookup[] {
  const words = notifyWords(pack, parser);
  const { notify } = vocabularyOf(pack, parser);
  const errors = words.filter((word) => notify(word)!.class === 'error');
  const algorithms = algorithmWords(pack, parser);
  return [
    { name: `${prefix}_notifies`, columns: ['word', 'notify'], rows: words.map((word) => [word, notify(word)!.name]) },
    { name: `${prefix}_errors`, columns: ['word', 'error_code'], rows: errors.map((word) => [word, notify(word)!.number]) },
    ...Object.entries(ALGORITHM_FIELDS).map(([type, field]) => ({
      name: `${prefix}_${type}`,
      columns: ['word', field],
      rows: (algorithms.get(type as TransformType) ?? []).map(({ word, value }) => [word, value]),
      ignoreCase: true,
    })),
  ];
}

/** @returns every word that stands for a registered notify, numbers among them */
export function notifyWords(pack: Pack, parser: Parser): string[] {
  const { notify } = vocabularyOf(pack, parser);
  const names = [
    ...pack.notifies.map(({ name }) => name),
    ...Object.keys(pack.notifySpellings),
    ...Object.keys(parser.spellings.notify),
  ];
  const numbers = pack.notifies.flatMap(({ number }) => [`${number}`, `(${number})`]);
  return [...new Set([...names, ...numbers])].filter((word) => notify(word)).sort();
}

export interface AlgorithmWord {
  word: string;
  value: string | number;
}

/** @returns the words that the engine takes for algorithms, by type, in upper case, each once */
export function algorithmWords(pack: Pack, parser: Parser): Map<TransformType, AlgorithmWord[]> {
  const { algorithm } = vocabularyOf(pack, parser);
  const spellings = [
    ...pack.transforms.flatMap((transform) => Object.keys(transform.spellings)),
    ...Object.keys(parser.spellings.transform),
  ];
  const words = new Map<TransformType, AlgorithmWord[]>();
  for (const word of [...new Set(spellings.map((spelling) => spelling.toUpperCase()))].sort()) {
    const found = algorithm(word);
    if (!found) continue;
    const value = found.type === 'key_exchange' ? found.number : found.value;
    words.set(found.type, [...(words.get(found.type) ?? []), { word, value }]);
  }
  return words;
}

export function printLookup({ columns, rows }: Lookup): string {
  const cell = (value: string | number) =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
