/** Findings with what one does about them: playbook, answered guards, what was measured, and which findings are of the same records. */
import { compileComparison } from '../detect/compile-selection.js';
import { numberValues } from '../model/field-numbers.js';
import type { Finding, Sighting } from '../detect/finding.js';
import { ALGORITHM_FIELDS, judgeAlgorithm, nameAlgorithm } from '../model/algorithm-levels.js';
import type { Comparison, Detection } from '../model/detection.js';
import { LEVELS } from '../model/level.js';
import type { Pack } from '../model/pack.js';
import type { AuditContext } from './context.js';
import { answerGuard } from './guards.js';
import type { Observer } from './observer.js';
import type { Judged, Measurement } from './result.js';

const MOST_RELATED = 10;
const MOST_MEASUREMENTS = 12;

/** @returns the most pressing first: level, then count */
export function judgeFindings(findings: Finding[], pack: Pack, observer: Observer, context: AuditContext): Judged[] {
  const detections = new Map(pack.detections.map((detection) => [detection.name, detection]));
  const playbooks = new Map(pack.playbooks.map((playbook) => [playbook.name, playbook]));
  const related = relateFindings(findings);
  const rank = ({ detection }: Judged) => LEVELS.indexOf(detection.level);
  return findings
    .map((finding): Judged => {
      const detection = detections.get(finding.detection)!;
      const playbook = playbooks.get(detection.playbook);
      const answers = (playbook?.guards ?? []).map((guard) => answerGuard(guard, finding, observer.peers, context));
      return {
        finding,
        detection,
        playbook,
        answers,
        measured: measure(finding, detection, pack),
        related: related.get(finding) ?? [],
      };
    })
    .sort((a, b) => rank(b) - rank(a) || b.finding.count - a.finding.count || a.finding.opened - b.finding.opened);
}

/** @returns of the finding's records the values that its detection compares and found wrong, each once */
function measure(finding: Finding, { selections }: Detection, pack: Pack): Measurement[] {
  const measured = new Map<string, Measurement>();
  for (const comparison of Object.values(selections).flatMap(({ any }) => any.flat())) {
    const { field } = comparison;
    const isAlgorithm = field in ALGORITHM_FIELDS;
    if (!isAlgorithm && !['lt', 'lte', 'gt', 'gte'].includes(comparison.op)) continue;
    for (const value of wrongValues(finding.evidence, comparison)) {
      if (measured.size >= MOST_MEASUREMENTS) return [...measured.values()];
      const name = nameAlgorithm(pack, field, value);
      const { level, reason } = judgeAlgorithm(pack, pack.settings.profile, field, value);
      if (!isAlgorithm) measured.set(`${field}\0${value}`, { field, value, name });
      else if (level === 'weak' || level === 'forbidden')
        measured.set(`${field}\0${value}`, { field, value, name, level, reason });
    }
  }
  return [...measured.values()];
}

function wrongValues(evidence: Sighting[], comparison: Comparison): (string | number)[] {
  const isWrong = compileComparison(comparison);
  return evidence.flatMap(({ measured }) => {
    const value = measured?.[comparison.field];
    const values = (Array.isArray(value) ? value : [value]) as (string | number | undefined)[];
    return values.filter((one) => one !== undefined && isWrong({ values: numberValues({ [comparison.field]: one }) })) as (
      string | number
    )[];
  });
}

/** @returns for a finding the others of which most records of the shorter one are its own: one incident, seen from several sides */
function relateFindings(findings: Finding[]): Map<Finding, Finding[]> {
  const placeOf = ({ file, line }: Sighting) => `${file}:${line}`;
  const byRecord = new Map<string, Finding[]>();
  for (const finding of findings)
    for (const sighting of finding.evidence) {
      const at = byRecord.get(placeOf(sighting));
      if (at === undefined) byRecord.set(placeOf(sighting), [finding]);
      else if (at.length < MOST_RELATED) at.push(finding);
    }
  const related = new Map<Finding, Finding[]>();
  for (const finding of findings) {
    const shared = new Map<Finding, number>();
    for (const sighting of finding.evidence)
      for (const other of byRecord.get(placeOf(sighting)) ?? [])
        if (other !== finding) shared.set(other, (shared.get(other) ?? 0) + 1);
    const same = [...shared].filter(([other, count]) => 2 * count > Math.min(finding.evidence.length, other.evidence.length));
    if (same.length) related.set(finding, same.map(([other]) => other).slice(0, MOST_RELATED));
  }
  return related;
}
