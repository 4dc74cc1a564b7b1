/** The audit on one screen: read, parse, stitch, detect, observe, advise. Streaming, with bounded memory; what is forgotten is counted. */
import type { Baseline } from '../detect/baseline.js';
import { Detector } from '../detect/detector.js';
import type { EventRow } from '../detect/log-event.js';
import type { CompiledParser, Engine } from '../engine/compile-engine.js';
import type { Counts } from '../engine/parse-records.js';
import type { Source } from '../engine/source.js';
import type { Detection } from '../model/detection.js';
import type { Pack } from '../model/pack.js';
import { answerChecklist } from './checklist.js';
import { type AuditContext, NO_CONTEXT } from './context.js';
import { judgeFindings } from './judge-findings.js';
import { Observer } from './observer.js';
import { type Product, productsOf } from './products.js';
import { EventReader } from './read-events.js';
import type { Audit } from './result.js';
import { UnparsedSamples } from './unparsed.js';

export interface AuditOptions {
  now: number;
  zone: string;
  forced?: CompiledParser;
  baseline?: Baseline;
  context?: AuditContext;
  /** milliseconds; records outside are read and joined, but not judged */
  since?: number;
  until?: number;
  /** records kept as evidence per finding */
  mostEvidence?: number;
  progress?: (bytes: number, counts: Counts) => void;
  onBroken?: (source: Source, failure: unknown) => void;
}

/** @param pack to which settings have been applied */
export async function audit(engine: Engine, pack: Pack, sources: Source[], options: AuditOptions): Promise<Audit> {
  const assumed = { zone: false, year: false };
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options;
  const detector = new Detector(pack, { baseline: options.baseline, mostEvidence: options.mostEvidence });
  const observer = new Observer(pack);
  const unparsed = new UnparsedSamples();
  const reader = new EventReader(engine, {
    clock: { now: options.now, zone: options.zone, assumed },
    forced: options.forced,
    wanted: detector.wanted && new Set([...detector.wanted, ...observer.wanted]),
    progress: options.progress,
    onBroken: options.onBroken,
    onUnparsed: (record) => unparsed.see(record),
    onEvent: (event: EventRow) => {
      if (event.time < since || event.time > until) return;
      observer.see(event);
      detector.take(event);
    },
  });
  await reader.parser.parseAll(sources);
  await reader.parser.finish();
  const findings = detector.finish();
  const products = productsOf(engine, reader.parser.seen);
  const context = options.context ?? NO_CONTEXT;
  const result: Omit<Audit, 'checklist'> = {
    files: sources.map(({ name }) => name),
    profile: pack.settings.profile,
    now: options.now,
    zone: options.zone,
    assumed,
    records: { ...reader.parser.counts },
    period: periodOf(reader.parser.firstTime, reader.parser.lastTime, since, until),
    since: options.since,
    until: options.until,
    findings: judgeFindings(findings, pack, observer, context),
    observer,
    products,
    unparsed: unparsed.rows,
    advised: observer.advice.finish(products, { ...assumed, host: observer.hosts.size === 0 }),
    blind: blindDetections(pack, products),
    context,
    forgotten: {
      sas: reader.parser.evicted,
      groups: detector.evicted,
      peers: observer.peers.leftOut,
      late: detector.late,
      timeless: reader.parser.timeless,
    },
  };
  return { ...result, checklist: answerChecklist(result, pack, options.baseline !== undefined) };
}

/** @returns detections of whose events the products of this log have no words for any */
function blindDetections(pack: Pack, products: Product[]): Detection[] {
  const words = new Set(
    products.flatMap(({ parser }) => parser.entries.flatMap(({ kind, event }) => (kind === 'event' ? [event!] : []))),
  );
  return pack.detections.filter(({ selections }) =>
    Object.values(selections).every(({ any }) =>
      any.every((all) =>
        all.some(
          ({ field, op, values }) => field === 'msg_type' && op === 'is' && !values.some((value) => words.has(String(value))),
        ),
      ),
    ),
  );
}

function periodOf(first: number, last: number, since: number, until: number) {
  return { from: Math.max(first, since), to: Math.min(last, until) };
}
