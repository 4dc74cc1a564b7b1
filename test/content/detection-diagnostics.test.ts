/** What is wrong with a detection is told with its place and, where one is near, a guess. */
import { beforeAll, expect, test } from 'vitest';
import { checkDetections } from '../../generator/check/check-detections.js';
import { checkSchema } from '../../generator/check/check-schema.js';
import { checkTechniques } from '../../generator/check/check-techniques.js';
import { printDiagnostic } from '../../generator/check/print-diagnostic.js';
import { type ContentDocument, loadContent } from '../../generator/load/load-content.js';
import { lower } from '../../generator/lower/lower.js';
import { LineCounter, parseDocument } from 'yaml';

const DETECTION = `title: Example
id: 5b0c5f5e-6a0e-4f43-9a55-0a7b6a3f1dff
status: test
level: high
description: It catches.
misses: It misses.
select:
  failed: { msg_type: auth_failed, reason: bad-password }
  old: { msg_type: cert_expiring, cert_days_left|lt: $days }
numbers: { days: 14 }
matches:
  pair:
    temporal_ordered:
      by: sa_id
      steps:
        - { of: failed, at_least: 3 }
        - { of: old }
      within: 1m
detect:
  event_count: { of: failed or pair, by: [peer, "identity?"], at_least: 10, within: 5m }
because:
  at_least: "Ten."
  within: "Five."
  days: "Fourteen."
  pair.at_least: "Three."
  pair.within: "One."
false_positives: [None known.]
response: { playbook: watch-trend }
tests:
  fires: [{ name: one, events: [{ msg_type: auth_failed }], findings: [{ group: { peer_ip: 192.0.2.1 } }] }]
  quiet: [{ name: none, events: [{ msg_type: auth_failed }] }]
`;

let content: ContentDocument[];
beforeAll(() => {
  content = loadContent().documents.filter(({ kind }) => kind !== 'parser' && kind !== 'settings');
});

function document(kind: 'detection' | 'settings', file: string, text: string): ContentDocument {
  const parsed = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false });
  return { kind, file, text, root: parsed.contents, data: parsed.toJS() } as ContentDocument;
}

async function diagnose(kind: 'detection' | 'settings', text: string): Promise<string> {
  const own = document(kind, kind === 'settings' ? 'settings.yml' : 'detections/example/example.yml', text);
  const documents = [...content, own];
  const shape = await checkSchema([own], new URL('../../generator/schemas/', import.meta.url));
  const { pack } = lower(documents);
  const found = shape.length ? shape : [...checkDetections(documents, pack), ...checkTechniques(documents, pack)];
  return found.map((diagnostic) => printDiagnostic(diagnostic, diagnostic.place.file === own.file ? text : '')).join('\n\n');
}

test('a sound detection has no diagnostics', async () => {
  expect(await diagnose('detection', DETECTION)).toBe('');
});

test('the frame marks the name', async () => {
  expect(await diagnose('detection', DETECTION.replace('of: failed or pair', 'of: failed or pear'))).toBe(
    `detections/example/example.yml:20:32 known-selection
  Unknown selection or match "pear". Did you mean "pair"?

19 | detect:
20 |   event_count: { of: failed or pear, by: [peer, "identity?"], at_least: 10, within: 5m }
   |                                ^^^^
21 | because:`,
  );
});

test.each([
  ['an unknown field', ['reason: bad', 'reasn: bad'], 'known-field', 'Did you mean "reason"?'],
  ['an unknown event', ['auth_failed, reason', 'auth_faild, reason'], 'known-event', 'Did you mean "auth_failed"?'],
  ['an unknown value', ['bad-password }', 'bad-pasword }'], 'known-value', 'Did you mean "bad-password"?'],
  ['an unknown step', ['{ of: failed, at_least: 3 }', '{ of: faild, at_least: 3 }'], 'known-selection', 'Did you mean "failed"?'],
  ['an unknown key of a group', ['"identity?"', '"identiy?"'], 'known-group-key', 'Did you mean "identity"?'],
  ['an unknown number', ['lt: $days', 'lt: $day'], 'known-number', 'Did you mean "days"?'],
  ['an unknown operator', ['|lt:', '|lte2:'], 'operator-fits', 'Did you mean "lte"?'],
  ['a number operator on a text', ['reason: bad', 'peer_id|gt: bad'], 'operator-fits', '"peer_id" is no number'],
  ['a network of no address', ['reason: bad-password', 'peer_ip|cidr: 192.0.2.1'], 'operator-fits', 'is no network'],
  ['weak, of no algorithm', ['reason: bad-password', 'peer_id|weak: true'], 'operator-fits', '"peer_id" is no algorithm'],
  ['an unknown technique', ['select:', 'attack: [T1101]\nselect:'], 'known-technique', 'Did you mean "T1110"?'],
  ['an unknown playbook', ['watch-trend', 'watch-trends'], 'known-playbook', 'Did you mean "watch-trend"?'],
  ['an unknown base', ['select:', 'base: availability/scann\nselect:'], 'known-detection', 'Did you mean "availability/scan"?'],
  ['an id that another has', ['0a7b6a3f1dff', '0a7b6a3f1d01'], 'unique-id', 'has this id already'],
  ['a number without a reason', ['  pair.within: "One."\n', ''], 'reason-for-number', 'There is no reason for "pair.within".'],
  [
    'a reason for no number',
    ['  days: "F', '  dayz: "F'],
    'reason-for-number',
    '"dayz" is no number of this detection. Did you mean "days"?',
  ],
  ['a selection of every record', ['msg_type: auth_failed, ', ''], 'selection-names-event', 'name its msg_type'],
  ['an unknown form', ['  event_count:', '  event_counts:'], 'known-key', 'Did you mean "event_count"?'],
  [
    'a measure that is learnt otherwise',
    [
      '  event_count: { of: failed or pair, by: [peer, "identity?"], at_least: 10, within: 5m }',
      '  first_seen: { of: failed, by: peer, value: network, baseline: suites, quiet: 1h }',
    ],
    'measure-fits-baseline',
    '"network" is learnt as "networks"',
  ],
  [
    'an unknown measure',
    [
      '  event_count: { of: failed or pair, by: [peer, "identity?"], at_least: 10, within: 5m }',
      '  first_seen: { of: failed, by: peer, value: netwrk, baseline: networks, quiet: 1h }',
    ],
    'schema',
    'Did you mean "network"?',
  ],
])('%s', async (_, [from, to], code, message) => {
  expect(DETECTION).toContain(from);
  const printed = await diagnose('detection', DETECTION.replace(from!, to!));
  expect(printed).toContain(` ${code}\n`);
  expect(printed).toContain(message);
});

test.each([
  ['a profile', 'profile: moderm', 'known-profile', 'Did you mean "modern"?'],
  ['a detection that is disabled', 'disabled: [availability/scam]', 'known-detection', 'Did you mean "availability/scan"?'],
  [
    'a detection of an exclusion',
    'exclude: [{ because: test, detections: ["availabilty/*"] }]',
    'known-detection',
    'Did you mean "availability/*"?',
  ],
  [
    'a threshold',
    'thresholds: { availability/scan: { atleast: 3 } }',
    'known-threshold',
    'has no number "atleast". Did you mean "at_least"?',
  ],
  ['a detection with thresholds', 'thresholds: { availability/scam: { at_least: 3 } }', 'known-detection', 'Did you mean'],
])('settings: unknown %s', async (_, text, code, message) => {
  const printed = await diagnose('settings', `${text}\n`);
  expect(printed).toContain(` ${code}\n`);
  expect(printed).toContain(message);
});
