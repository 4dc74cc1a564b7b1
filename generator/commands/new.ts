/** `ikeaudit new`: a parser or a detection to begin with, which passes `check` as it is. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BUILT_IN_CONTENT } from '../load/content-files.js';
import { UsageError } from './usage-error.js';

export interface NewCommandOptions {
  title?: string;
  program?: string;
  event: string;
  content: string;
  quiet?: boolean;
}

export async function newCommand(kind: 'parser' | 'detection', name: string, options: NewCommandOptions): Promise<number> {
  const { path, text } = kind === 'parser' ? newParser(name, options) : newDetection(name, options);
  const file = join(options.content, path);
  if (existsSync(file)) throw new UsageError(`${file} is there already.`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (options.quiet) return 0;
  const where = isBuiltIn(options.content) ? '' : ` --content ${options.content}`;
  process.stdout.write(`Wrote ${file}. Next: edit it, then run "ikeaudit check${where}" and "ikeaudit test ${name}${where}".\n`);
  return 0;
}

/** In a checkout, what stands in its own folders needs no option to be read. */
function isBuiltIn(content: string): boolean {
  return resolve(content) === resolve(BUILT_IN_CONTENT.path);
}

function newParser(name: string, options: NewCommandOptions): { path: string; text: string } {
  const [, vendor, program] = /^([a-z0-9-]+)\.([a-z0-9-]+)$/.exec(name) ?? [];
  if (!vendor || !program)
    throw new UsageError(`"${name}" is no parser's name. Write vendor.program in small letters, such as acme.iked.`);
  const title = options.title ?? `${capital(vendor)} ${program}`;
  return {
    path: `parsers/${vendor}/${program}.yml`,
    text: `# yaml-language-server: $schema=../../generator/schemas/parser.schema.json
# ${title}: which versions, and by which ways its log arrives.

parser: ${vendor}.${program}
title: ${JSON.stringify(title)}
vendor: ${capital(vendor)}
product: ${program}
dataset: ${program.replaceAll('-', '_')}
sourcetype: "${vendor}:${program}"

# the program's name as syslog carries it
select: { program: [${options.program ?? program}] }

# what stands before the message in every line; the last form takes what has no header
header:
  - "%{message:rest}"

events:
  # Replace this line by your program's own, holes as in docs/templates.md. Addresses: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32.
  - event:  daemon_started
    line:   "${program} %{product_version:word} started"
    sample: "${program} 1.0 started"
`,
  };
}

function newDetection(name: string, options: NewCommandOptions): { path: string; text: string } {
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(name))
    throw new UsageError(`"${name}" is no detection's name. Write folder/name, such as lifecycle/too-many-deletes.`);
  const title = options.title ?? capital(name.split('/')[1]!.replaceAll('-', ' '));
  return {
    path: `detections/${name}.yml`,
    text: `# yaml-language-server: $schema=../../generator/schemas/detection.schema.json
title: ${JSON.stringify(title)}
id: ${randomUUID()}
status: experimental
level: medium
description: >
  What happens in the log, and why somebody should look at it.
misses: >
  What this detection does not catch.
attack: []

select:
  counted: { msg_type: ${options.event} }

detect:
  event_count: { of: counted, by: peer, at_least: 10, within: 5m }

because:
  at_least: "Why ten, and not five or twenty."
  within: "Why five minutes."

false_positives:
  - Who else does this without meaning harm.

response:
  playbook: throttle-peer

tests:
  fires:
    - name: ten in five minutes
      events:
        - { msg_type: ${options.event}, peer_ip: 198.51.100.66, times: 10, every: 30s }
      findings:
        - { group: { peer_ip: 198.51.100.66 }, count: 10 }
  quiet:
    - name: nine
      events:
        - { msg_type: ${options.event}, peer_ip: 198.51.100.66, times: 9, every: 1s }
`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
