/**
 * Hostile lines stay inside of PCRE2's limits as Splunk sets them: a regex that exceeds them counts as one that does not match, in silence. The chain is run
 * as Splunk runs it: the message's EXTRACTs, then the transforms whose fields they gave.
 */
import { templateVariants } from '../../lower/variants.js';
import { type Entry, type Pack, type Parser, peerControlledFields } from '../../model/pack.js';
import { type EmittedRegex, regexesOf } from './check-output.js';
import type { App } from './emit.js';
import { HOSTILE_MESSAGES, nearMiss } from './hostile-lines.js';
import type { Pcre } from './pcre.js';

export interface Excess {
  /** the line that a hostile one almost is; undefined where it is like none */
  entry: Entry | undefined;
  /** what PCRE2 said of which regex */
  error: string;
}

/** @returns for each regex and line that exceed a limit what PCRE2 says */
export function checkLimits(app: App, pack: Pack, parser: Parser, pcre: Pcre): Excess[] {
  const all = regexesOf(app.confs);
  const own = all.filter(({ conf, stanza }) => conf === 'transforms' || stanza.name === parser.sourcetype);
  const headers = own.filter(({ source, key }) => source === '_raw' && key.startsWith('EXTRACT-'));
  const behind = own.filter(({ source }) => source !== '_raw');
  const errors = (entry: Entry | undefined): Excess[] => pcre.errors.splice(0).map((error) => ({ entry, error }));
  const found: Excess[] = [];
  for (const text of HOSTILE_MESSAGES) {
    for (const header of headers)
      pcre.match(header.regex, `Nov 24 06:00:00 gw ${parser.programs[0] ?? 'vpn'}[1]: ${text}`, limitOf(header));
    run(behind, text, pcre);
    found.push(...errors(undefined));
  }
  for (const entry of parser.entries) {
    for (const variant of templateVariants(entry.template, peerControlledFields(pack))) {
      const line = nearMiss(variant);
      if (line !== undefined) run(behind, line, pcre);
    }
    found.push(...errors(entry).slice(0, 1));
  }
  return found;
}

function run(regexes: EmittedRegex[], message: string, pcre: Pcre): void {
  const fields: Record<string, string | undefined> = { message };
  for (const emitted of regexes) {
    const text = fields[emitted.source];
    if (text !== undefined) Object.assign(fields, pcre.match(emitted.regex, text, limitOf(emitted)));
  }
}

/** What a stanza says itself, for its EXTRACTs or as a transform. */
function limitOf({ stanza }: EmittedRegex): number | undefined {
  const limit = stanza.settings.find(([key]) => key === 'MATCH_LIMIT')?.[1];
  return limit === undefined ? undefined : Number(limit);
}
