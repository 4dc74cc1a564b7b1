/** The Elastic target: the pack as ingest pipelines and templates, for Elasticsearch 7.10 and later and for OpenSearch 2. */
import type { Pack } from '../../model/pack.js';
import { emitDashboards } from './emit-dashboards.js';
import { lifecycleFiles } from './emit-lifecycle.js';
import { LOOKUP, lookUp } from './emit-lookup.js';
import { packageFiles } from './emit-package.js';
import { componentTemplates, indexTemplate } from './emit-templates.js';
import { ingestPipeline, type PipelineOptions, pipelineName } from './emit-pipeline.js';
import { printJson } from './print-json.js';
import { countingSearch } from './rules/counting-search.js';
import { type EmittedRule, emitRules, printNdjson } from './rules/emit-rules.js';

/** @returns the files below dist/elastic; the name of a pipeline or template is its file's name up to the first `.json` */
export function emitElastic(pack: Pack, { zone = 'UTC', drop = [] }: Partial<PipelineOptions> = {}): Map<string, string> {
  const files = new Map<string, unknown>();
  const pipelines = new Map(pack.parsers.map((parser) => [parser, ingestPipeline(pack, parser, { zone, drop })]));
  for (const [parser, pipeline] of pipelines) {
    files.set(`pipelines/${pipelineName(parser)}.json`, pipeline);
    files.set(`templates/index/logs-ikev2.${parser.dataset}.json`, indexTemplate(parser));
  }
  for (const [name, template] of Object.entries(componentTemplates(pack)))
    files.set(`templates/component/${name}.json`, template);
  for (const [path, content] of Object.entries(lifecycleFiles(pack.settings))) files.set(path, content);
  for (const detection of pack.detections) {
    const search = countingSearch(pack, detection);
    if (search) files.set(`searches/${detection.name}.json`, search);
  }
  const { index, documents } = lookUp(pack);
  files.set(`lookup/${LOOKUP}.json`, index);
  const printed = [...files].map(([path, content]): [string, string] => [path, printJson(content)]);
  const rules = emitRules(pack);
  const others: [string, string][] = [
    [`lookup/${LOOKUP}.ndjson`, documents],
    ...kibanaFiles(pack, rules),
    ...packageFiles(pack, pipelines, rules),
  ];
  return new Map([...printed, ...others].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One file for what every source can use, and one for what raw lines need beside it. */
function kibanaFiles(pack: Pack, rules: EmittedRule[]): [string, string][] {
  const of = (raw: boolean) => printNdjson(rules.filter((rule) => rule.raw === raw).map(({ rule }) => rule));
  return [
    ['dashboards/ikeaudit.ndjson', printNdjson(emitDashboards(pack))],
    ['rules/ikeaudit.ndjson', of(false)],
    ['rules/ikeaudit-raw-lines.ndjson', of(true)],
  ];
}
