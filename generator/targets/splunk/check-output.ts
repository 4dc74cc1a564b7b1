/**
 * What neither AppInspect nor ksconf sees of an app: regexes that Splunk's PCRE2 refuses, names that nothing defines, fields that are read before they are
 * there. Each check looks at the stanzas before they are printed, and says in which one it found what.
 */
import type { Stanza } from './conf-file.js';
import type { App } from './emit.js';
import type { Lookup } from './lookup-tables.js';
import type { Pcre } from './pcre.js';

export interface Fault {
  conf: string;
  stanza: Stanza;
  /** a sentence that goes on from the setting's name */
  message: string;
}

/** @param around macros that other apps bring */
export function checkOutput(app: App, pcre: Pcre, around: Stanza[] = []): Fault[] {
  return [
    ...checkRegexes(app, pcre),
    ...checkReports(app),
    ...checkLookups(app),
    ...checkEvals(app),
    ...checkMacros(app, around),
    ...checkTags(app),
    ...checkSavedSearches(app),
  ];
}

const LONGEST_GROUP = 32;
/** As contentctl has it. */
const LONGEST_SEARCH = 99;

function checkRegexes({ confs }: App, pcre: Pcre): Fault[] {
  return regexesOf(confs).flatMap(({ conf, stanza, key, regex }) => {
    const fault = (message: string): Fault => ({ conf, stanza, message: `${key} ${message}` });
    const error = compileError(pcre, regex);
    if (error !== undefined) return [fault(`is no regex of PCRE2: ${error}.`)];
    const names = groupNames(regex);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    const long = names.find((name) => name.length > LONGEST_GROUP);
    return [
      ...(/[.^$]/.test(bare(regex)) ? [fault('has a dot, a caret or a dollar, which mean something else with (?ms).')] : []),
      ...(twice === undefined ? [] : [fault(`names the group "${twice}" twice.`)]),
      ...(long === undefined ? [] : [fault(`names the group "${long}", which has more than ${LONGEST_GROUP} characters.`)]),
      ...(/ in \w+$/.test(regex) ? [fault('ends as "in field", which Splunk takes for the source.')] : []),
    ];
  });
}

export interface EmittedRegex {
  conf: string;
  stanza: Stanza;
  key: string;
  regex: string;
  /** the field that it reads */
  source: string;
}

/** @returns the regexes of EXTRACTs and of transforms, in the order of the files */
export function regexesOf({ props = [], transforms = [] }: App['confs']): EmittedRegex[] {
  const extracts = props.flatMap((stanza) =>
    stanza.settings.flatMap(([key, value]) => {
      if (!key.startsWith('EXTRACT-')) return [];
      const [, regex, source] = /^(.*?)(?: in (\w+))?$/s.exec(value)!;
      return [{ conf: 'props', stanza, key, regex: regex!, source: source ?? '_raw' }];
    }),
  );
  const others = transforms.flatMap((stanza) => {
    const regex = settingOf(stanza, 'REGEX');
    return regex === undefined
      ? []
      : [{ conf: 'transforms', stanza, key: 'REGEX', regex, source: settingOf(stanza, 'SOURCE_KEY') ?? '_raw' }];
  });
  return [...extracts, ...others];
}

/** Transforms that a source type names: they are there, read a field that something gives before, and say of it what can be said. */
function checkReports({ confs: { props = [], transforms = [] } }: App): Fault[] {
  const byName = new Map(transforms.map((stanza) => [stanza.name, stanza]));
  return props.flatMap((stanza): Fault[] => {
    const faults: Fault[] = [];
    const given = new Set(['_raw', ...settingsOf(stanza, 'EXTRACT-').flatMap(([, value]) => groupNames(value))]);
    const seen = new Set<string>();
    for (const [key, value] of [...settingsOf(stanza, 'REPORT-'), ...settingsOf(stanza, 'TRANSFORMS-')]) {
      const fault = (message: string) => faults.push({ conf: 'props', stanza, message: `${key} ${message}` });
      for (const name of value.split(', ').filter(Boolean)) {
        const transform = byName.get(name);
        if (!transform) fault(`names the transform [${name}], which is not there.`);
        if (seen.has(name)) fault(`names the transform [${name}], which runs already.`);
        seen.add(name);
        if (!transform || !key.startsWith('REPORT-')) continue;
        const source = settingOf(transform, 'SOURCE_KEY') ?? '_raw';
        if (!given.has(source)) fault(`runs [${name}] on the field "${source}", which nothing gives before.`);
        const format = settingOf(transform, 'FORMAT');
        for (const field of format === undefined ? groupNames(settingOf(transform, 'REGEX')!) : fieldsOfFormat(format))
          given.add(field);
        faults.push(...checkFormat(transform));
      }
    }
    return faults;
  });
}

export function fieldsOfFormat(format: string): string[] {
  return format.split(' ').map((pair) => pair.split('::')[0]!);
}

/** transforms.conf.spec: a FORMAT with a group that the regex does not have finds no events at all. */
function checkFormat(stanza: Stanza): Fault[] {
  const format = settingOf(stanza, 'FORMAT');
  if (format === undefined) return [];
  const fault = (message: string): Fault => ({ conf: 'transforms', stanza, message: `FORMAT ${message}` });
  const groups = bare(settingOf(stanza, 'REGEX')!).match(/\((?:(?!\?)|\?<\w)/g)?.length ?? 0;
  const missing = [...format.matchAll(/\$(\d+)/g)].find(([, number]) => Number(number) > groups);
  const fields = fieldsOfFormat(format);
  const twice = fields.find((field, index) => fields.indexOf(field) < index);
  const odd = format.split(' ').find((pair) => !/^(?:\w+|\$\d+)::(?:\$\d+|[\w.-]+)$/.test(pair));
  return [
    ...(missing ? [fault(`has ${missing[0]}, and the regex has ${groups} groups.`)] : []),
    ...(groups ? [] : [fault('has no group in its regex.')]),
    ...(twice === undefined ? [] : [fault(`gives the field "${twice}" twice.`)]),
    ...(odd === undefined ? [] : [fault(`has "${odd}", which needs quotes that no specification describes.`)]),
  ];
}

/** Automatic look-ups: their table, its columns, and no input that another look-up gives. */
function checkLookups({ confs: { props = [], transforms = [] }, lookups }: App): Fault[] {
  const tables = new Map(lookups.map((lookup) => [`${lookup.name}.csv`, lookup]));
  const files = new Map(transforms.map((stanza) => [stanza.name, settingOf(stanza, 'filename')]));
  const stanzas = transforms.flatMap((stanza): Fault[] => {
    const file = settingOf(stanza, 'filename');
    if (file === undefined) return [];
    const table = tables.get(file);
    if (!table) return [{ conf: 'transforms', stanza, message: `filename names the table "${file}", which is not there.` }];
    const cells = table.rows.some((row) => row.length !== table.columns.length || row.includes(''));
    return cells ? [{ conf: 'transforms', stanza, message: `filename names the table "${file}", which has an empty cell.` }] : [];
  });
  const settings = props.flatMap((stanza): Fault[] => {
    const read = settingsOf(stanza, 'LOOKUP-').map(([key, value]) => ({ key, ...readLookup(value) }));
    const outputs = new Set(read.flatMap(({ gives }) => gives));
    return read.flatMap(({ key, table: name, columns, input }) => {
      const fault = (message: string): Fault => ({ conf: 'props', stanza, message: `${key} ${message}` });
      const table: Lookup | undefined = tables.get(files.get(name) ?? '');
      if (!table) return [fault(`names the look-up [${name}], which is not there.`)];
      const missing = columns.find((column) => !table.columns.includes(column));
      return [
        ...(missing === undefined ? [] : [fault(`names the column "${missing}", which [${name}] does not have.`)]),
        ...(outputs.has(input) ? [fault(`reads the field "${input}", which another look-up gives: they run at once.`)] : []),
      ];
    });
  });
  return [...stanzas, ...settings];
}

/** `table column AS field OUTPUT column AS field …` */
function readLookup(setting: string): { table: string; columns: string[]; input: string; gives: string[] } {
  const [before, after] = setting.split(/ OUTPUT(?:NEW)? /) as [string, string];
  const [, table, column, , input] = /^(\w+) (\w+)( AS (\w+))?$/.exec(before)!;
  const outputs = [...after.matchAll(/(\w+)(?: AS (\w+))?/g)];
  return {
    table: table!,
    columns: [column!, ...outputs.map(([, name]) => name!)],
    input: input ?? column!,
    gives: outputs.map(([, name, as]) => as ?? name!),
  };
}

/**
 * props.conf.spec: all EVALs are calculated from one snapshot. A field that an EVAL only changes in place is read as it was extracted, on purpose: its own
 * name stands in its expression.
 */
function checkEvals({ confs: { props = [] } }: App): Fault[] {
  return props.flatMap((stanza) => {
    const reads = new Map(settingsOf(stanza, 'EVAL-').map(([key, value]) => [key.slice(5), fieldsOfEval(value)]));
    return [...reads].flatMap(([field, names]) =>
      [...names]
        .filter((name) => name !== field && reads.has(name) && !reads.get(name)!.has(name))
        .map((name): Fault => ({
          conf: 'props',
          stanza,
          message: `EVAL-${field} reads the field "${name}", which another EVAL gives: they run at once.`,
        })),
    );
  });
}

/** Names in an expression that are neither functions nor words of the language, outside of texts. */
function fieldsOfEval(expression: string): Set<string> {
  const code = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const names = [...code.matchAll(/'([^']*)'|\b([A-Za-z_]\w*)\b(?!\s*\()/g)].map(([, quoted, plain]) => quoted ?? plain!);
  return new Set(names.filter((name) => !/^(?:AND|OR|NOT|XOR|LIKE|IN)$/i.test(name)));
}

/** Macros that searches, event types and other macros use: with so many arguments, as the stanza's name says. */
function checkMacros({ confs }: App, around: Stanza[]): Fault[] {
  const { macros = [], savedsearches = [], eventtypes = [] } = confs;
  const known = new Set([...macros, ...around].map(({ name }) => name));
  const texts: [conf: string, key: string, stanzas: Stanza[]][] = [
    ['savedsearches', 'search', savedsearches],
    ['eventtypes', 'search', eventtypes],
    ['macros', 'definition', macros],
  ];
  return texts.flatMap(([conf, key, stanzas]) =>
    stanzas.flatMap((stanza) =>
      macrosIn(settingOf(stanza, key) ?? '')
        .filter((name) => !known.has(name))
        .map((name): Fault => ({ conf, stanza, message: `${key} uses the macro \`${name}\`, which is not there.` })),
    ),
  );
}

function macrosIn(search: string): string[] {
  const code = search.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...code.matchAll(/`(\w+)(?:\(([^`]*)\))?`/g)].map(([, name, values]) =>
    values === undefined ? name! : `${name}(${values.split(',').length})`,
  );
}

function checkTags({ confs: { tags = [], eventtypes = [] } }: App): Fault[] {
  const known = new Set(eventtypes.map(({ name }) => `eventtype=${name}`));
  return tags
    .filter(({ name }) => !known.has(name))
    .map((stanza) => ({ conf: 'tags', stanza, message: 'stands for an event type that is not there.' }));
}

/** Settings of a saved search that are JSON in one line. */
const JSON_SETTINGS = [
  'action.correlationsearch.annotations',
  'action.correlationsearch.metadata',
  'action.risk.param._risk',
  'action.notable.param.next_steps',
  'action.notable.param.drilldown_searches',
  'action.notable.param._entities',
];

function checkSavedSearches({ confs: { savedsearches = [] } }: App): Fault[] {
  return savedsearches.flatMap((stanza): Fault[] => {
    const fault = (message: string): Fault => ({ conf: 'savedsearches', stanza, message });
    const broken = JSON_SETTINGS.filter((key) => {
      const value = settingOf(stanza, key);
      return value !== undefined && !isJson(value);
    });
    const techniques = readAnnotations(stanza).filter((id) => !/^T\d{4}(\.\d{3})?$/.test(id));
    return [
      ...(stanza.name.length > LONGEST_SEARCH
        ? [
            fault(
              `has a name of ${stanza.name.length} characters, of which Enterprise Security takes ${LONGEST_SEARCH}: give the detection a shorter title.`,
            ),
          ]
        : []),
      ...(/^[\w .,()'-]+$/.test(stanza.name)
        ? []
        : [fault('has a name with characters that Enterprise Security does not take: give the detection another title.')]),
      ...broken.map((key) => fault(`${key} is no JSON.`)),
      ...techniques.map((id) => fault(`annotations name "${id}", which is no technique's number.`)),
    ];
  });
}

function readAnnotations(stanza: Stanza): string[] {
  const text = settingOf(stanza, 'action.correlationsearch.annotations');
  return text !== undefined && isJson(text) ? ((JSON.parse(text) as { mitre_attack?: string[] }).mitre_attack ?? []) : [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function compileError(pcre: Pcre, regex: string): string | undefined {
  try {
    pcre.compile(regex);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function groupNames(regex: string): string[] {
  return [...regex.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name]) => name!);
}

/** Escapes and character classes taken out. */
function bare(regex: string): string {
  return regex.replace(/\\.|\[\^?(?:\\.|[^\]\\])+\]/g, '');
}

function settingOf({ settings }: Stanza, key: string): string | undefined {
  return settings.find(([name]) => name === key)?.[1];
}

function settingsOf({ settings }: Stanza, kind: string): [string, string][] {
  return settings.filter(([name]) => name.startsWith(kind));
}
