/** What Splunk does with a stream at index time: it breaks it into records, reads their time, and lets transforms change what it knows of them. */
import type { Conf } from '../support/read-conf.js';
import type { Pcre } from '../support/pcre.js';

export interface Indexed {
  raw: string;
  /** seconds since 1970 */
  time: number;
  host: string;
  sourcetype: string;
}

export interface Input {
  sourcetype: string;
  host: string;
  /** seconds since 1970: what a year is inferred from, and the time of a record that has none */
  now: number;
}

/** @returns the records of a stream, in their order */
export function indexText(text: string, input: Input, props: Conf, transforms: Conf, pcre: Pcre): Indexed[] {
  const settings = props.get(input.sourcetype);
  if (!settings) throw new Error(`no source type ${input.sourcetype}`);
  // the records of [syslog] are broken and timed as Splunk's own stanza of that name says, which is much like ours
  const timed = settings.has('LINE_BREAKER')
    ? settings
    : [...props.values()].find((one) => one.get('TIME_FORMAT') === '%b %d %H:%M:%S')!;
  let last = input.now;
  return breakLines(text, timed).map((raw) => {
    last = timeOf(raw, timed, input.now, pcre) ?? last;
    return transform({ raw, time: last, host: input.host, sourcetype: input.sourcetype }, settings, transforms, pcre);
  });
}

/** props.conf.spec, LINE_BREAKER: what the first group matches is thrown away; TRUNCATE cuts at so many bytes, down to a whole character. */
function breakLines(text: string, settings: Map<string, string>): string[] {
  const breaker = settings.get('LINE_BREAKER')!;
  const breakers: Record<string, RegExp> = {
    '((?:\\r?\\n)+)': /(?:\r?\n)+/,
    '((?:\\r?\\n)+)(?![ \\t])': /(?:\r?\n)+(?![ \t])/,
  };
  if (!breakers[breaker]) throw new Error(`LINE_BREAKER = ${breaker} is not emulated`);
  if (settings.get('SHOULD_LINEMERGE') !== 'false') throw new Error('merging lines is not emulated');
  const most = Number(settings.get('TRUNCATE'));
  return text
    .split(breakers[breaker])
    .filter(Boolean)
    .map((line) =>
      Buffer.byteLength(line) <= most
        ? line
        : Buffer.from(line)
            .subarray(0, most)
            .toString('utf8')
            .replace(/\uFFFD$/, ''),
    );
}

/** props.conf.spec: the time is read right behind the first match of TIME_PREFIX, within MAX_TIMESTAMP_LOOKAHEAD characters. */
function timeOf(raw: string, settings: Map<string, string>, now: number, pcre: Pcre): number | undefined {
  const prefix = pcre.match(settings.get('TIME_PREFIX')!, raw);
  if (!prefix) return undefined;
  const from = raw.indexOf(prefix['0']!) + prefix['0']!.length;
  const text = raw.slice(from, from + Number(settings.get('MAX_TIMESTAMP_LOOKAHEAD')));
  return readTime(text, settings.get('TIME_FORMAT')!, now);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const PARTS: Record<string, string> = {
  b: '(?<month>[A-Z][a-z]{2})',
  d: ' ?(?<day>\\d{1,2})',
  H: '(?<hour>\\d{2})',
  M: '(?<minute>\\d{2})',
  S: '(?<second>\\d{2})',
  Y: '(?<year>\\d{4})',
  m: '(?<number>\\d{2})',
  '3N': '(?<fraction>\\d{1,9})',
  '6N': '(?<fraction>\\d{1,9})',
  z: '(?<zone>[-+]\\d{4})',
  ':z': '(?<zone>Z|[-+]\\d{2}:\\d{2})',
};

/** A year that is not written is the latest that is not more than a day ahead of now; a zone that is not written is UTC here, TZ in an installation. */
export function readTime(text: string, format: string, now: number): number | undefined {
  const regex = format.replace(/\./g, '\\.').replace(/%(\d?[A-Za-z]|:z)/g, (_, part: string) => {
    if (!(part in PARTS)) throw new Error(`TIME_FORMAT: %${part}`);
    return PARTS[part]!;
  });
  const found = new RegExp(`^${regex}`).exec(text)?.groups;
  if (!found) return undefined;
  const month = found.month ? MONTHS.indexOf(found.month) : Number(found.number) - 1;
  const at = (year: number) =>
    Date.UTC(year, month, Number(found.day), Number(found.hour), Number(found.minute), Number(found.second)) / 1000;
  const fraction = Number(`0.${found.fraction ?? 0}`);
  const zone = found.zone === undefined || found.zone === 'Z' ? 0 : zoneSeconds(found.zone);
  if (found.year) return at(Number(found.year)) + fraction - zone;
  const year = new Date(now * 1000).getUTCFullYear();
  return at(year) > now + 86_400 ? at(year - 1) : at(year);
}

function zoneSeconds(zone: string): number {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** SEDCMD, then "all TRANSFORMS, alphabetically". transforms.conf.spec: LOOKAHEAD: the first 4096 characters are searched. */
function transform(record: Indexed, settings: Map<string, string>, transforms: Conf, pcre: Pcre): Indexed {
  let { raw, host, sourcetype } = record;
  const named = (kind: string) => [...settings].filter(([key]) => key.startsWith(kind)).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, command] of named('SEDCMD-')) {
    const [, regex, replacement, all] = /^s\/((?:[^/\\]|\\.)+)\/((?:[^/\\]|\\.)*)\/(g?)$/.exec(command) ?? [];
    if (replacement === undefined) throw new Error(`SEDCMD = ${command}`);
    for (let before = ''; before !== raw && (all || before === '');) {
      before = raw;
      raw = pcre.replaceFirst(regex!, raw, replacement);
    }
  }
  for (const [, names] of named('TRANSFORMS-')) {
    for (const name of names.split(', ')) {
      const stanza = transforms.get(name)!;
      const found = pcre.match(stanza.get('REGEX')!, raw.slice(0, 4096));
      if (!found) continue;
      const [key, value] = stanza.get('FORMAT')!.split(/::(.*)/s) as [string, string];
      const filled = value.replace(/\$(\d)/g, (_, group: string) => found[group] ?? '');
      if (stanza.get('DEST_KEY') === 'MetaData:Sourcetype' && key === 'sourcetype') sourcetype = filled;
      else if (stanza.get('DEST_KEY') === 'MetaData:Host' && key === 'host') host = filled;
      else throw new Error(`DEST_KEY = ${stanza.get('DEST_KEY')}, FORMAT = ${stanza.get('FORMAT')}`);
    }
  }
  return { ...record, raw, host, sourcetype };
}
