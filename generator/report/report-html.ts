/**
 * The report as one file that needs no network. Its data is JSON inside the page, in which nothing can end the element that holds it; the page's own script
 * puts it into text nodes. The page allows those scripts and styles alone whose hash it states, so that nothing of a log can run even if it were markup.
 */
import { createHash } from 'node:crypto';
import type { Audit } from '../audit/result.js';
import { findingJson, reportJson } from './report-json.js';
import { tellCertainty } from './tell-certainty.js';
import { tellMeasurement } from './tell-measurement.js';

/** What the page is made of, as it stands in files. */
export interface PageParts {
  script: string;
  style: string;
  chartScript: string;
  chartStyle: string;
}

export function reportHtml(audit: Audit, parts: PageParts): string {
  const style = `${parts.chartStyle}\n${parts.style}`;
  const scripts = [parts.chartScript, parts.script];
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(' ')}`,
    `style-src ${hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>IKE audit</title>
<style>${style}</style>
</head>
<body>
<noscript>This report is drawn by its own script, which needs no network. Allow scripts for this file, or use --format text.</noscript>
<script type="application/json" id="report">${embedJson(pageData(audit))}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

/** The JSON report, in which what all findings of a detection share stands once. */
function pageData(audit: Audit): Record<string, unknown> {
  const kinds: Record<string, unknown> = {};
  const findings = audit.findings.map((judged) => {
    const { detection, finding } = judged;
    const told = findingJson(judged, audit.files);
    kinds[detection.name] ??= {
      title: detection.title,
      level: detection.level,
      description: detection.description,
      misses: detection.misses,
      false_positives: detection.falsePositives,
      attack: detection.attack,
      playbook: judged.playbook?.title ?? detection.playbook,
      guards: judged.playbook?.guards ?? [],
      steps: [...detection.response.map((step) => ({ do: step, guarded: false })), ...(judged.playbook?.steps ?? [])],
    };
    return {
      id: told.id,
      detection: told.detection,
      group: told.group,
      count: told.count,
      first_seen: told.first_seen,
      last_seen: told.last_seen,
      values: told.values,
      ...(judged.measured.length ? { measured: judged.measured.map(tellMeasurement) } : {}),
      related: told.related,
      evidence: told.evidence,
      answers: judged.answers.map((answer) => answer && { answer: answer.verdict, because: answer.because }),
      pivots: told.pivots,
      sure: tellCertainty(finding, detection),
    };
  });
  return { ...reportJson({ ...audit, findings: [] }), findings, kinds };
}

/** JSON in which no `<` stands, so that no end tag and no comment can begin in it. */
function embedJson(data: unknown): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
