// No registry serves the distribution of a search engine, but Maven Central has its jars. They are laid out as the home of
// a distribution: `lib/`, and a folder with a descriptor for each module, which the engine loads by its own class loader.

import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run-tool.mjs';

/**
 * @typedef {object} Layout what `engines/NAME/layout.mjs` exports
 * @property {string} product names the configuration file and the descriptor's version key
 * @property {string} version
 * @property {string} java the oldest Java that its modules say they need
 * @property {Record<string, string>} settings of the configuration file
 * @property {string[]} [without] jars that must not be there
 * @property {Module[]} modules
 *
 * @typedef {object} Module
 * @property {string} name
 * @property {string} plugin its main class
 * @property {string} [extends] modules whose classes it sees
 * @property {Record<string, string>} [descriptor] more lines of the descriptor
 * @property {string[]} jars names without version; a `*` at the end stands for any end
 */

/** Pinned like the jars: the version that Maven takes by itself depends on Maven. */
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';

/**
 * @param {string} source the engine's folder: pom.xml, layout.mjs, Main.java
 * @param {string} home
 */
export async function layOutEngine(source, home) {
  /** @type {{ layout: Layout }} */
  const { layout } = await import(join(source, 'layout.mjs'));
  const lib = join(home, 'lib');
  for (const folder of ['lib', 'modules', 'plugins', 'config', 'classes']) mkdirSync(join(home, folder));

  await runTool('mvn', [
    '-B',
    '-q',
    '-f',
    join(source, 'pom.xml'),
    copyDependencies,
    `-DoutputDirectory=${lib}`,
    '-DincludeScope=runtime',
  ]);
  const jars = readdirSync(lib);
  const without = (layout.without ?? []).flatMap((pattern) => matchJars(jars, pattern));
  for (const jar of without) rmSync(join(lib, jar));

  // A jar may belong to several modules: copy first, and take it out of lib/ when all have it.
  const used = new Set();
  for (const module of layout.modules) {
    const folder = join(home, 'modules', module.name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'plugin-descriptor.properties'), printDescriptor(layout, module));
    for (const jar of module.jars.flatMap((pattern) => matchJars(jars, pattern))) {
      copyFileSync(join(lib, jar), join(folder, jar));
      used.add(jar);
    }
  }
  for (const jar of used) rmSync(join(lib, jar));

  writeFileSync(join(home, 'config', `${layout.product}.yml`), printProperties(layout.settings, ': '));
  writeFileSync(join(home, 'config', 'log4j2.properties'), printLogging(layout));
  await runTool('javac', ['-cp', join(lib, '*'), '-d', join(home, 'classes'), join(source, 'Main.java')]);
}

/** @param {string[]} jars @param {string} pattern */
function matchJars(jars, pattern) {
  const found = jars.filter((jar) =>
    pattern.endsWith('*')
      ? jar.startsWith(pattern.slice(0, -1))
      : jar.startsWith(`${pattern}-`) && /\d/.test(jar[pattern.length + 1]),
  );
  if (found.length === 0) throw new Error(`No jar is called "${pattern}". There are: ${jars.join(', ')}`);
  return found;
}

/** @param {Layout} layout @param {Module} module */
function printDescriptor(layout, module) {
  return printProperties({
    name: module.name,
    description: module.name,
    version: layout.version,
    [`${layout.product}.version`]: layout.version,
    'java.version': layout.java,
    classname: module.plugin,
    'extended.plugins': module.extends ?? '',
    'has.native.controller': 'false',
    ...module.descriptor,
  });
}

/** @param {Record<string, string>} values */
function printProperties(values, between = '=') {
  return Object.entries(values)
    .map(([key, value]) => `${key}${between}${value}\n`)
    .join('');
}

/** Only the HTTP transport speaks at INFO: it tells the port that it got. @param {Layout} layout */
const printLogging = (layout) => `\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%p][%c{1}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.http.name = org.${layout.product}.http
logger.http.level = info
`;
