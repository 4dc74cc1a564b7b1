/** `ikeaudit suggest`: clusters records that nothing reads, and proposes lines for them. */
import { Anonymizer } from '../anonymize/anonymize.js';
import { Collector } from '../engine/collect.js';
import { RecordParser } from '../engine/parse-records.js';
import { InputError, openSource } from '../engine/source.js';
import type { Pack, Parser } from '../model/pack.js';
import { Clusters } from '../suggest/cluster.js';
import { proposeEntries, type Proposal } from '../suggest/propose.js';
import { forcedParser } from './parse.js';
import { UsageError } from './usage-error.js';
import { engineOf } from './engine-of.js';

export interface SuggestCommandOptions {
  parser?: string;
  program?: string;
  top: string;
  content?: string;
  quiet?: boolean;
}

export async function suggestCommand(files: string[], options: SuggestCommandOptions): Promise<number> {
  const top = Number(options.top);
  if (!Number.isInteger(top) || top < 1) throw new UsageError(`--top takes a whole number, not "${options.top}".`);
  const engine = await engineOf(options.content);
  const forced = forcedParser(engine, options.parser);
  const clusters = new Map<Parser | string, Clusters>();
  const clustersOf = (key: Parser | string) => {
    if (!clusters.has(key)) clusters.set(key, new Clusters());
    return clusters.get(key)!;
  };
  const parser = new RecordParser(engine, new Collector(engine, () => {}), {
    clock: { now: Date.now(), zone: 'UTC' },
    stitch: false,
    include: new Set(),
    wanted: new Set(),
    forced,
    onUnparsed: (record) => {
      const { parser: own } = record.process.compiled!;
      if (options.program || (forced && own !== forced.parser)) return;
      clustersOf(own).add(record.buffer.toString('utf8', record.messageStart, record.messageEnd));
    },
    onOther: options.program
      ? (record) => {
          if (record.process.program !== options.program) return;
          clustersOf(options.program).add(record.buffer.toString('utf8', record.messageStart, record.messageEnd));
        }
      : undefined,
  });
  let exit = 0;
  for (const file of files) {
    try {
      const source = await openSource(file);
      try {
        await parser.parse(source);
      } finally {
        await source.close();
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      process.stderr.write(`ikeaudit: ${error.message}\n`);
      exit = 2;
    }
  }
  if (clusters.size === 0) {
    if (options.quiet) return exit;
    const who = options.program ? `the program "${options.program}"` : 'a program that a parser reads';
    process.stderr.write(`Nothing to suggest: there is no unread record of ${who}. ${parser.counts.read} records read.\n`);
    return exit;
  }
  for (const [key, found] of clusters) process.stdout.write(printProposals(engine.pack, key, found, top));
  return exit;
}

function printProposals(pack: Pack, key: Parser | string, clusters: Clusters, top: number): string {
  const all = clusters.all();
  const known = typeof key === 'string' ? undefined : key;
  const proposals = proposeEntries(pack, known ?? pack.parsers[0]!, all);
  const records = all.reduce((sum, { count }) => sum + count, 0);
  const where = known ? `below "events:" of ${known.file}` : `into a new parser: ikeaudit new parser vendor.${String(key)}`;
  const rest = proposals.length > top ? ` The first ${top} are shown; see --top.` : '';
  const dropped = clusters.dropped ? ` ${clusters.dropped} more records were of too many kinds to keep.` : '';
  return [
    `# ${records} records of ${known?.name ?? String(key)} in ${proposals.length} wording${proposals.length === 1 ? '' : 's'} that no line reads.${rest}${dropped}`,
    `# Paste what is right ${where}, look at event and fields, then run: ikeaudit check`,
    '',
    ...proposals.slice(0, top).map(printProposal),
    '',
  ].join('\n');
}

function printProposal({ event, like, line, sample, count, urgent }: Proposal): string {
  const anonymous = new Anonymizer(Buffer.from('sample')).line(sample);
  const why = like ? `event as in ${JSON.stringify(like)}` : 'event to be chosen: see mappings/events.yml';
  return [
    `  # ${count === 1 ? 'once' : `${count} times`}${urgent ? ', names a failure' : ''}; ${why}`,
    `  - event:  ${event}`,
    `    line:   ${JSON.stringify(line)}`,
    `    sample: ${JSON.stringify(anonymous)}`,
    '',
  ].join('\n');
}
