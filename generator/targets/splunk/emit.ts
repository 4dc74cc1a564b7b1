/** The Splunk target: an add-on that reads the logs, and an app that searches what it has read. */
import { VERSION } from '../../model/version.js';
import type { Pack } from '../../model/pack.js';
import { printConf, type Stanza } from './conf-file.js';
import { ADD_ON, APP, emitAppConf, emitAppReadme, emitMeta, emitReadme } from './emit-app.js';
import { emitAppMacros } from './emit-app-macros.js';
import { dashboards, emitDashboard, emitNavigation } from './emit-dashboards.js';
import { emitBaselineSearch, emitDetection } from './emit-detection.js';
import { emitEventtypes, emitTags } from './emit-eventtypes.js';
import { emitMacros } from './emit-macros.js';
import { emitProps } from './emit-props.js';
import { isRecordParser, planRecords } from './emit-records.js';
import { emitTransforms, lookupStanza } from './emit-transforms.js';
import { splunkExactness } from './exactness.js';
import { eventLookups, printLookup, wordLookups } from './lookup-tables.js';
import { packageApps } from './package-apps.js';
import { planParser } from './parser-plan.js';
import { productLookup } from './shipped-records.js';
import { hasBaseline } from './spl-forms.js';
import { strengthLookup } from './spl-keys.js';
import { baselineName } from './spl-names.js';
import { valueTransforms } from './value-transforms.js';

/** @returns the files below dist/splunk/, with the packages that are installed */
export function buildSplunk(pack: Pack): Map<string, string | Buffer> {
  return packageApps(emitSplunk(pack));
}

/** @returns the files of both apps */
export function emitSplunk(pack: Pack, version = VERSION): Map<string, string> {
  return new Map([...emitAddOn(pack, version), ...emitDetectionsApp(pack, version)]);
}

function emitAddOn(pack: Pack, version: string): [string, string][] {
  const plans = pack.parsers.filter((parser) => !isRecordParser(parser)).map((parser) => planParser(pack, parser));
  const records = pack.parsers.filter(isRecordParser).map((parser) => planRecords(pack, parser));
  const texts = records.flatMap(({ text }) => text ?? []);
  const values = new Map([...plans, ...texts].map((plan) => [plan, valueTransforms(pack, plan)]));
  const events = eventLookups(pack);
  const lookups = [
    ...events,
    productLookup(pack),
    ...[...plans, ...texts].flatMap(({ parser, prefix }) => wordLookups(pack, parser, prefix)),
  ];
  const conf = confPrinter(version, ['mappings/*.yml', ...pack.parsers.map(({ file }) => file)]);
  return [
    [`${ADD_ON}/default/app.conf`, conf(emitAppConf(ADD_ON, version))],
    [`${ADD_ON}/default/props.conf`, conf(emitProps(pack, plans, values, events, records))],
    [`${ADD_ON}/default/transforms.conf`, conf(emitTransforms(plans, values, lookups, records))],
    [`${ADD_ON}/default/eventtypes.conf`, conf(emitEventtypes(pack))],
    [`${ADD_ON}/default/tags.conf`, conf(emitTags(pack))],
    [`${ADD_ON}/default/macros.conf`, conf(emitMacros(pack))],
    [`${ADD_ON}/metadata/default.meta`, conf(emitMeta())],
    ...lookups.map((lookup): [string, string] => [`${ADD_ON}/lookups/${lookup.name}.csv`, printLookup(lookup)]),
    [`${ADD_ON}/README.txt`, emitReadme(pack, version)],
  ];
}

/** A detection that Splunk cannot express is left out; the docs' table says why. */
function emitDetectionsApp(pack: Pack, version: string): [string, string][] {
  const expressible = pack.detections.filter((detection) => splunkExactness(pack, detection).verdict !== 'not expressible');
  const own: Pack = { ...pack, detections: expressible };
  const baselines = expressible.filter(hasBaseline);
  const tables = [strengthLookup(pack)];
  const views = dashboards(own);
  const conf = confPrinter(version, ['detections/**/*.yml', 'settings.yml']);
  return [
    [`${APP}/default/app.conf`, conf(emitAppConf(APP, version))],
    [`${APP}/default/macros.conf`, conf(emitAppMacros(own))],
    [
      `${APP}/default/savedsearches.conf`,
      conf([
        ...expressible.map((detection) => emitDetection(own, detection)),
        ...expressible.flatMap((detection) => emitBaselineSearch(own, detection) ?? []),
      ]),
    ],
    [
      `${APP}/default/transforms.conf`,
      conf([...tables.map(lookupStanza), ...baselines.map((detection) => lookupStanza({ name: baselineName(detection) }))]),
    ],
    [`${APP}/default/data/ui/nav/default.xml`, emitNavigation(views)],
    ...views.map((view): [string, string] => [`${APP}/default/data/ui/views/${view.id}.xml`, emitDashboard(view)]),
    [`${APP}/metadata/default.meta`, conf(emitMeta())],
    [`${APP}/README.txt`, emitAppReadme(own, version)],
    ...tables.map((lookup): [string, string] => [`${APP}/lookups/${lookup.name}.csv`, printLookup(lookup)]),
    ...baselines.map((detection): [string, string] => [
      `${APP}/lookups/${baselineName(detection)}.csv`,
      detection.form.form === 'first_seen' ? 'group,value,learnt\n' : 'group,least,greatest,learnt\n',
    ]),
  ];
}

function confPrinter(version: string, sources: string[]): (stanzas: Stanza[]) => string {
  const head = [`Generated by ikeaudit ${version} from ${sources.join(', ')}.`, 'Change those, not this file.'];
  return (stanzas) => printConf(head, stanzas);
}
