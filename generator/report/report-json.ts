/** The report as one JSON object. Its keys are promised: what is here once stays. */
import type { Advised } from '../audit/advice.js';
import type { Audit, Judged } from '../audit/result.js';
import type { PeerRow } from '../audit/peers.js';
import type { Sighting } from '../detect/finding.js';
import { tellCertainty } from './tell-certainty.js';

/** Around a finding, in which its drilldowns look: five minutes on each side. */
const AROUND = 5 * 60_000;

export function reportJson(audit: Audit): Record<string, unknown> {
  const { observer, files } = audit;
  return {
    files,
    profile: audit.profile,
    audited_at: iso(audit.now),
    zone: audit.zone,
    assumed: audit.assumed,
    records: audit.records,
    period: { from: iso(audit.period.from), to: iso(audit.period.to) },
    findings: audit.findings.map((judged) => findingJson(judged, files)),
    peers: observer.peers.rows.map(peerJson),
    suites: observer.suites.rows.map(({ protocol, algorithms, level, count, peers, morePeers }) => ({
      protocol,
      algorithms: algorithms.map(({ field, name, level: own, reason, reference }) => ({
        field,
        name,
        level: own,
        ...(reason ? { reason, reference } : {}),
      })),
      level,
      count,
      peers: [...peers],
      ...(morePeers ? { more_peers: true } : {}),
    })),
    lifetimes: observer.lifetimes.rows.map((row) => ({
      connection: row.connection,
      established: row.established,
      ike_rekeyed: row.ikeRekeyed,
      child_rekeyed: row.childRekeyed,
      lifetime: row.lifetime,
      rekey_in: row.rekeyIn,
      child_rekey_interval: row.childInterval,
    })),
    certificates: observer.certificates.rows.map((row) => ({
      subject: row.subject,
      issuer: row.issuer || undefined,
      serial: row.serial || undefined,
      not_before: row.notBefore || undefined,
      not_after: row.notAfter || undefined,
      count: row.count,
      states: [...row.states],
      peers: [...row.peers],
    })),
    timeline: {
      seconds: observer.timeline.seconds,
      moments: observer.timeline.rows.map(([time, moment]) => ({ from: iso(time), ...moment })),
    },
    hardening: adviceJson(audit, 'hardening'),
    limits: adviceJson(audit, 'limits'),
    blind_detections: audit.blind.map(({ name, title, shown }) => ({ detection: name, title, shown })),
    checklist: audit.checklist,
    products: audit.products.map(({ parser, records, joined }) => ({
      parser: parser.name,
      title: parser.title,
      records,
      joined,
    })),
    unparsed: audit.unparsed,
    forgotten: {
      sas: audit.forgotten.sas,
      groups: audit.forgotten.groups,
      peers: audit.forgotten.peers,
      suites: observer.suites.leftOut,
      certificates: observer.certificates.leftOut,
      late: audit.forgotten.late,
      timeless: audit.forgotten.timeless,
    },
  };
}

export function findingJson({ finding, detection, playbook, answers, measured, related }: Judged, files: string[]) {
  return {
    id: finding.id,
    detection: finding.detection,
    title: detection.title,
    level: detection.level,
    status: detection.status,
    group: finding.group,
    opened: iso(finding.opened),
    first_seen: iso(finding.firstSeen),
    last_seen: iso(finding.lastSeen),
    count: finding.count,
    ...(finding.values.length ? { values: finding.values } : {}),
    sure: tellCertainty(finding, detection),
    description: detection.description,
    misses: detection.misses,
    false_positives: detection.falsePositives,
    attack: detection.attack,
    references: detection.references,
    ...(measured.length ? { measured } : {}),
    ...(related.length ? { related: related.map(({ id, detection: other }) => ({ id, detection: other })) } : {}),
    evidence: finding.evidence.map((sighting) => sightingJson(sighting, files)),
    response: {
      playbook: detection.playbook,
      title: playbook?.title,
      tier: playbook?.tier,
      aim: playbook?.aim,
      first: detection.response,
      guards: (playbook?.guards ?? []).map(({ ask, if: when, then }, index) => ({
        ask,
        if: when,
        then,
        ...(answers[index] ? { answer: answers[index].verdict, because: answers[index].because } : {}),
      })),
      steps: playbook?.steps ?? [],
    },
    pivots: { ...finding.pivots, from: iso(finding.firstSeen - AROUND), to: iso(finding.lastSeen + AROUND) },
  };
}

function peerJson(row: PeerRow) {
  return {
    peer_ip: row.peer,
    auth_failed: row.authFailed,
    auth_succeeded: row.authSucceeded,
    established: row.established,
    child_established: row.childEstablished,
    initiated: row.initiated,
    rekeys: row.rekeys,
    deletes: row.deletes,
    address_changes: row.moves,
    first_seen: iso(row.firstSeen),
    last_seen: iso(row.lastSeen),
    identities: [...row.identities],
    connections: [...row.connections],
    suites: [...row.suites],
  };
}

function adviceJson({ advised, files }: Audit, kind: Advised['advice']['kind']) {
  return advised
    .filter(({ advice }) => advice.kind === kind)
    .map(({ advice, products, count, distinct, shown, evidence, settings }) => ({
      advice: advice.name,
      title: advice.title,
      level: advice.level,
      says: advice.says,
      products: products.map(({ name }) => name),
      ...(advice.when.seen === undefined ? {} : { count }),
      ...(advice.when.distinct === undefined ? {} : { [`distinct_${advice.when.distinct}`]: distinct }),
      ...(shown.length ? { seen: shown.map(([value, times]) => ({ value, count: times })) } : {}),
      evidence: evidence.map((sighting) => sightingJson(sighting, files)),
      settings: settings.map(({ products: meant, where, set, note }) => ({ for: meant, where, set, ...(note ? { note } : {}) })),
      references: advice.references,
    }));
}

function sightingJson({ time, file, line, raw, byOrder }: Sighting, files: string[]) {
  return { file: files[file], line, time: iso(time), record: raw, ...(byOrder ? { stitched_by: 'order' } : {}) };
}

function iso(time: number): string | undefined {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : undefined;
}
