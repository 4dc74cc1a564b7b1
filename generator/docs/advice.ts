import type { Advice } from '../model/advice.js';
import type { Pack } from '../model/pack.js';
import { code, GENERATED, plain } from './markdown.js';

/** @returns the page of what a report advises beside its findings, and for each product the setting that answers it */
export function emitAdvice({ advice }: Pack): string {
  const of = (kind: Advice['kind']) =>
    advice
      .filter((piece) => piece.kind === kind)
      .map(printAdvice)
      .join('\n\n');
  return `${GENERATED}
# Advice: what to harden, and what a log cannot show

\`audit\` prints a piece where its condition holds in the log.

## Hardening

${of('hardening')}

## Limits of a log

${of('limits')}
`;
}

function printAdvice({ name, title, level, says, settings, references }: Advice): string {
  return [
    `### ${name.split('/')[1]!}`,
    `**${plain(title)}** (${level}). ${plain(says)}`,
    ...settings.map(({ products, where, set, note }) =>
      [
        `${products.map(code).join(', ')}: ${plain(where)}`,
        `\`\`\`\n${set.trimEnd()}\n\`\`\``,
        ...(note ? [plain(note)] : []),
      ].join('\n\n'),
    ),
    ...(references.length ? [references.map((reference) => `<${reference}>`).join(', ')] : []),
  ].join('\n\n');
}
