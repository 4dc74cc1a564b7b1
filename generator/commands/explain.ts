/** `ikeaudit explain`: which envelope, parser and line read a record, what each captures, and what the targets make of it. */
import type { Engine } from '../engine/compile-engine.js';
import { outputFormat } from '../engine/formats.js';
import { RecordParser } from '../engine/parse-records.js';
import { Renderer } from '../engine/render.js';
import { EVENT, IGNORED, OTHER, RecordReader } from '../engine/record.js';
import { nearestEntry } from '../engine/trace.js';
import { peerControlledFields } from '../model/pack.js';
import { TARGETS } from '../targets/targets.js';
import { forcedParser } from './parse.js';
import { printable } from '../report/printable.js';
import { engineOf } from './engine-of.js';

export async function explainCommand(line: string, options: { parser?: string; content?: string }): Promise<number> {
  const engine = await engineOf(options.content);
  const forced = forcedParser(engine, options.parser) ?? (engine.parsers.length === 1 ? engine.parsers[0] : undefined);
  const clock = { now: Date.now(), zone: 'UTC' };
  const reader = new RecordReader(engine, clock, forced);
  const bytes = Buffer.from(line);
  const kind = reader.read(bytes, 0, bytes.length);
  const out: string[] = [];
  if (kind === OTHER) {
    out.push('No parser reads this: it names no program that a parser selects, and no header fits. Try --parser.');
    process.stdout.write(`${out.join('\n')}\n`);
    return 1;
  }
  const { parser } = reader.process.compiled!;
  const message = reader.buffer.toString('utf8', reader.messageStart, reader.messageEnd);
  out.push(`parser    ${parser.name}  (${parser.file})`);
  const header = reader.header && parser.headers[reader.header.leaf.id];
  if (header) out.push(`header    ${header.source}`);
  out.push(`message   ${printable(message)}`);
  if (!reader.leaf) {
    out.push('', 'unparsed: no line of this parser reads the message.', ...nearest(engine, parser.name, message));
    process.stdout.write(`${out.join('\n')}\n`);
    return 1;
  }
  const { entry } = reader.leaf;
  if ('template' in entry) out.push(`line      ${entry.template.source}`);
  else out.push(...entry.when.map(({ path, values }) => `when      ${path}: ${values.join(', ')}`));
  if (entry.origin) out.push(`sample    ${entry.origin}${entry.source ? `: ${entry.source}` : ''}`);
  out.push(
    kind === IGNORED ? 'declared as noise' : `event     ${entry.event}: ${engine.pack.events.get(entry.event!)?.means ?? ''}`,
  );
  if (kind === EVENT) {
    out.push('', ...(await fields(engine, bytes, forced)));
    for (const [name, target] of Object.entries(TARGETS)) {
      const lines = await target.explain(engine.pack, parser.name, entry.id);
      out.push('', name, ...lines.map((text) => `  ${printable(text)}`));
    }
  }
  process.stdout.write(`${out.join('\n')}\n`);
  return 0;
}

async function fields(
  engine: Engine,
  bytes: Buffer,
  forced: Parameters<typeof forcedParser>[0]['parsers'][number] | undefined,
): Promise<string[]> {
  let output = '';
  const renderer = new Renderer(engine, outputFormat(engine.pack, 'neutral'), async (text) => {
    output += text.toString();
  });
  const clock = { now: Date.now(), zone: 'UTC' };
  const parser = new RecordParser(engine, renderer, { clock, stitch: false, include: new Set(), forced });
  parser.parseText(bytes);
  await parser.finish();
  const values = Object.entries(JSON.parse(output) as Record<string, unknown>);
  const width = Math.max(...values.map(([name]) => name.length));
  return values.map(([name, value]) => {
    const field = engine.pack.fields.get(name);
    return `${name.padEnd(width)}  ${printable(JSON.stringify(value))}${field ? `   ecs ${field.ecs}, cim ${field.cim}` : ''}`;
  });
}

function nearest(engine: Engine, name: string, message: string): string[] {
  const compiled = engine.parsers.find(({ parser }) => parser.name === name)!;
  const peerControlled = peerControlledFields(engine.pack);
  const found = nearestEntry(compiled.parser.entries, message, peerControlled);
  if (!found) return ['No line begins like it.'];
  const { entry, trace } = found;
  return [
    `nearest   ${entry.template.source}`,
    `It stops matching here. Expected ${printable(trace.expected)}.`,
    '',
    `  ${printable(message)}`,
    `  ${' '.repeat(printable(message.slice(0, trace.stop)).length)}^`,
  ];
}
