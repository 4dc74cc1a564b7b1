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
import { eventLookups, type Lookup, printLookup, wordLookups } from './lookup-tables.js';
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

/** An app's stanzas, by the names of their files below default/, and its tables. */
export interface App {
  confs: Record<string, Stanza[]>;
  lookups: Lookup[];
}

export function addOn(pack: Pack): App {
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
  return {
    confs: {
      props: emitProps(pack, plans, values, events, records),
      transforms: emitTransforms(plans, values, lookups, records),
      eventtypes: emitEventtypes(pack),
      tags: emitTags(pack),
      macros: emitMacros(pack),
    },
    lookups,
  };
}

function emitAddOn(pack: Pack, version: string): [string, string][] {
  const { confs, lookups } = addOn(pack);
  const conf = confPrinter(version, ['mappings/*.yml', ...pack.parsers.map(({ file }) => file)]);
  return [
    [`${ADD_ON}/default/app.conf`, conf(emitAppConf(ADD_ON, version))],
    ...Object.entries(confs).map(([name, stanzas]): [string, string] => [`${ADD_ON}/default/${name}.conf`, conf(stanzas)]),
    [`${ADD_ON}/metadata/default.meta`, conf(emitMeta())],
    ...lookups.map((lookup): [string, string] => [`${ADD_ON}/lookups/${lookup.name}.csv`, printLookup(lookup)]),
    [`${ADD_ON}/README.txt`, emitReadme(pack, version)],
  ];
}

/** A detection that Splunk cannot express is left out; the docs' table says why. */
function expressible(pack: Pack): Pack {
  return {
    ...pack,
    detections: pack.detections.filter((detection) => splunkExactness(pack, detection).verdict !== 'not expressible'),
  };
}

export function detectionsApp(pack: Pack): App {
  const own = expressible(pack);
  const tables = [strengthLookup(pack)];
  // what a baseline search has learnt: empty as it is shipped
  const baselines = own.detections.filter(hasBaseline).map((detection): Lookup => ({
    name: baselineName(detection),
    columns: detection.form.form === 'first_seen' ? ['group', 'value', 'learnt'] : ['group', 'least', 'greatest', 'learnt'],
    rows: [],
  }));
  return {
    confs: {
      macros: emitAppMacros(own),
      savedsearches: [
        ...own.detections.map((detection) => emitDetection(own, detection)),
        ...own.detections.flatMap((detection) => emitBaselineSearch(own, detection) ?? []),
      ],
      transforms: [...tables, ...baselines].map(lookupStanza),
    },
    lookups: [...tables, ...baselines],
  };
}

function emitDetectionsApp(pack: Pack, version: string): [string, string][] {
  const own = expressible(pack);
  const { confs, lookups } = detectionsApp(pack);
  const views = dashboards(own);
  const conf = confPrinter(version, ['detections/**/*.yml', 'settings.yml']);
  return [
    [`${APP}/default/app.conf`, conf(emitAppConf(APP, version))],
    ...Object.entries(confs).map(([name, stanzas]): [string, string] => [`${APP}/default/${name}.conf`, conf(stanzas)]),
    [`${APP}/default/data/ui/nav/default.xml`, emitNavigation(views)],
    ...views.map((view): [string, string] => [`${APP}/default/data/ui/views/${view.id}.xml`, emitDashboard(view)]),
    [`${APP}/metadata/default.meta`, conf(emitMeta())],
    [`${APP}/README.txt`, emitAppReadme(own, version)],
    ...lookups.map((lookup): [string, string] => [`${APP}/lookups/${lookup.name}.csv`, printLookup(lookup)]),
  ];
}

function confPrinter(version: string, sources: string[]): (stanzas: Stanza[]) => string {
  const head = [`Generated by ikeaudit ${version} from ${sources.join(', ')}.`, 'Change those, not this file.'];
  return (stanzas) => printConf(head, stanzas);
}
