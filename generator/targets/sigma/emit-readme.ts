/** What somebody needs to know who has nothing but the zip of Sigma rules. */
import type { Pack } from '../../model/pack.js';
import { detectionPath, sigmaExactness } from './emit-detection.js';
import { PIPELINES } from './emit-pipeline.js';

/** @returns README.md beside the rules */
export function emitReadme(pack: Pack): string {
  const rows = pack.detections.map((detection) => {
    const { verdict, why } = sigmaExactness(detection);
    return `| [${detection.title}](${detectionPath(detection)}) | ${detection.level} | ${verdict}${why ? `: ${inCell(why)}` : ''} |`;
  });
  return `# Sigma rules for IKEv2 and IPsec gateways

Made by ikeaudit. A file of \`rules/\` is one detection: its base rules and the correlation that counts or orders them, several documents in one file. \`rules/events/\` has a rule
for each single event that is worth an alert by itself.

The rules ask for fields with neutral names (\`msg_type\`, \`peer_ip\`, \`user_identity\`, …), which raw lines of a gateway do not have. They are there once the lines were read by ikeaudit's add-on
for Splunk, by its Elastic ingest pipelines, or by \`ikeaudit parse\`, which writes JSON for any other SIEM. A processing pipeline gives the fields the names that they have there:

| pipeline | for |
| --- | --- |
${PIPELINES.map(({ name, title }) => `| \`pipelines/ikeaudit-${name}.yml\` | ${title} |`).join('\n')}

\`\`\`sh
sigma convert -t esql -p pipelines/ikeaudit-ecs.yml rules/authentication/
\`\`\`

Neutral names, as \`ikeaudit parse\` writes them, need no pipeline (\`--without-pipeline\`).

## What a backend may change

A finding of ikeaudit lasts until its group was silent for as long as its window; an alert for each match should be suppressed for that long. Windows slide: twelve failures in a minute are twelve, wherever
the minute begins. Many backends cut time into fixed bins instead, drop the order of steps, or refuse correlations: read the converted query before you trust it, and where windows are cut, halve the
threshold. For Splunk and Elastic, take the packages made for them, which keep the meaning.

## The detections

"Exact" means that the rules, run over recorded logs of real daemons, find what ikeaudit's own engine finds. What is not expressible in Sigma 2.1 has its base rules here, and its whole in the packages
for Splunk and Elastic.

| detection | level | in Sigma |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function inCell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
}
