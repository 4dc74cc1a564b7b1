#!/usr/bin/env node
/** The command line: reads arguments, loads the command that is asked for and nothing else. */
import { readFileSync } from 'node:fs';
import { Argument, Command, CommanderError, Option } from 'commander';
import { TARGETS } from './targets/targets.js';

const version = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version as string;

const program = new Command('ikeaudit')
  .description('Reads and audits IKEv2/IPsec VPN logs, and compiles detection content for Splunk, Elastic and Sigma.')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(run with --help for usage)');

const content = () =>
  new Option('--content <dir>', "your own parsers/, detections/ and settings.yml, over the package's and added to them");
const quiet = (what = 'say nothing where all is well') => new Option('--quiet', what);
const parser = () => new Option('--parser <name>', 'parser of records that do not say which program wrote them');
const zone = () => new Option('--zone <name>', 'zone of times that carry none').default('UTC');
const now = () => new Option('--now <time>', 'what "now" is, for times without a year; default: the clock');
const targets = () => new Option('--target <name...>', 'default: all').choices(Object.keys(TARGETS));
const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  ikeaudit ${line}`).join('\n')}`;
program.addHelpText('after', examples('audit /var/log/charon.log', "explain 'LINE'", 'build --target splunk', 'audit --help'));

const run = async (command: () => Promise<number>) => {
  process.exitCode = await command();
};

program
  .command('audit <file...>')
  .description('read logs (- is standard input; gzip is read as it is) and say what happened, how sure that is, and what to do')
  .addOption(new Option('--format <name>', 'how to write the report').choices(['text', 'json', 'html']).default('text'))
  .option('--profile <name>', 'whose opinion of algorithms counts: modern, ietf, nist, cnsa1, cnsa2, bsi, disa')
  .option('--baseline <file>', 'what is normal, as "ikeaudit baseline" has learnt it')
  .option('--settings <file>', 'thresholds, exclusions, tables of assets and changes')
  .option('--since <time>', 'judge only records from this time on')
  .option('--until <time>', 'judge only records up to this time')
  .addOption(
    new Option('--fail-on <level>', 'end with 1 where a finding is of this level or above').choices([
      'informational',
      'low',
      'medium',
      'high',
      'critical',
    ]),
  )
  .addOption(parser())
  .addOption(zone())
  .addOption(now())
  .addOption(quiet('no progress on standard error'))
  .addOption(content())
  .addHelpText(
    'after',
    `\nSeveral files are read as one log, in order of time: parts of a rotated log, or the logs of a gateway and of its RADIUS server.\n${examples(
      'audit /var/log/charon.log*',
      'audit --format json --fail-on high gateway.log radius.log',
      'audit --format html gateway.log > report.html',
    )}\n  journalctl -o json -u strongswan | ikeaudit audit -`,
  )
  .action((files, options) => run(async () => (await import('./commands/audit.js')).auditCommand(files, options)));

program
  .command('evidence <file...>')
  .description('write the records of a finding, byte for byte, with hashes, to be kept')
  .requiredOption('--finding <id>', "the finding's id, or its beginning, as the audit tells it")
  .requiredOption('--out <dir>', 'a new or empty folder')
  .option('--profile <name>', 'as for the audit that found it')
  .option('--baseline <file>', 'as for the audit that found it')
  .option('--settings <file>', 'as for the audit that found it')
  .option('--since <time>', 'as for the audit that found it')
  .option('--until <time>', 'as for the audit that found it')
  .addOption(parser())
  .addOption(zone())
  .addOption(now())
  .addOption(quiet('neither progress nor what was written'))
  .addOption(content())
  .addHelpText('after', examples('evidence gateway.log --finding 468c024b --out case-17/'))
  .action((files, options) => run(async () => (await import('./commands/evidence.js')).evidenceCommand(files, options)));

program
  .command('baseline <file...>')
  .description('learn from logs what is normal: networks, suites, lifetimes, rekey intervals, hours and the share of failures')
  .requiredOption('--out <file>', 'where to write the baseline (JSON)')
  .addOption(parser())
  .addOption(zone())
  .addOption(now())
  .addOption(quiet('neither progress nor counts on standard error'))
  .addOption(content())
  .addHelpText(
    'after',
    `\nLearn from two weeks or more in which nothing was wrong, and say so to the audit.\n${examples(
      'baseline /var/log/charon.log* --out normal.json',
      'audit --baseline normal.json /var/log/charon.log',
    )}`,
  )
  .action((files, options) => run(async () => (await import('./commands/baseline.js')).baselineCommand(files, options)));

program
  .command('parse <file...>')
  .description('read logs (- is standard input; gzip is read as it is) and write events as NDJSON')
  .option('--follow', 'go on as the file grows or is rotated')
  .addOption(new Option('--format <name>', 'names of the fields').choices(['neutral', 'ecs', 'cim']).default('neutral'))
  .addOption(parser())
  .addOption(zone())
  .addOption(now())
  .option('--no-stitch', 'do not join the records of one exchange and one SA')
  .option('--include <kinds>', 'also write records that are no events: ignored, other')
  .addOption(quiet('no summary on standard error'))
  .addOption(content())
  .addHelpText(
    'after',
    `${examples('parse /var/log/syslog', 'parse --follow --format ecs /var/log/charon.log')}\n  journalctl -o json -u strongswan | ikeaudit parse -`,
  )
  .action((files, options) => run(async () => (await import('./commands/parse.js')).parseCommand(files, options)));

program
  .command('explain <line>')
  .description('show how one log line is read, and what each target extracts')
  .addOption(parser())
  .addOption(content())
  .addHelpText(
    'after',
    examples(
      "explain 'Nov 24 06:04:20 gw charon[9]: 11[IKE] 198.51.100.66 is initiating an IKE_SA'",
      "explain --parser strongswan.charon '11[IKE] 198.51.100.66 is initiating an IKE_SA'",
    ),
  )
  .action((line, options) => run(async () => (await import('./commands/explain.js')).explainCommand(line, options)));

program
  .command('suggest <file...>')
  .description('propose lines for records that no parser reads yet, ready to paste')
  .option('--parser <name>', 'the parser that should read them; default: every parser that misses some')
  .option('--program <name>', 'a program that no parser reads: propose lines for a new parser')
  .option('--top <count>', 'how many proposals to show', '30')
  .addOption(quiet('say nothing where there is nothing to suggest'))
  .addOption(content())
  .addHelpText('after', examples('suggest /var/log/syslog', 'suggest --program racoon old.log > racoon-lines.yml'))
  .action((files, options) => run(async () => (await import('./commands/suggest.js')).suggestCommand(files, options)));

program
  .command('anonymize <file>')
  .description('replace addresses and names by pseudonyms, so that a log can be shared or become a sample')
  .option('--secret <text>', 'the same secret gives the same pseudonyms; default: a new one each time')
  .addOption(parser())
  .addOption(content())
  .addHelpText('after', examples('anonymize gateway.log > shareable.log'))
  .action((file, options) => run(async () => (await import('./commands/anonymize.js')).anonymizeCommand(file, options)));

program
  .command('new')
  .addArgument(new Argument('<kind>', 'what to begin').choices(['parser', 'detection']))
  .addArgument(new Argument('<name>', 'vendor.program, or folder/name'))
  .description('write a parser (vendor.program) or a detection (folder/name) to begin with')
  .option('--title <text>', 'what people call it')
  .option('--program <name>', 'for a parser: the program as syslog names it; default: the last part of its name')
  .option('--event <name>', 'for a detection: the event that it counts', 'auth_failed')
  .addOption(quiet())
  .option('--content <dir>', 'your own folder with parsers/ and detections/', '.')
  .addHelpText(
    'after',
    examples(
      'new parser acme.iked --title "Acme VPN gateway"',
      'new detection lifecycle/too-many-deletes --event ike_delete_received',
    ),
  )
  .action((kind, name, options) => run(async () => (await import('./commands/new.js')).newCommand(kind, name, options)));

program
  .command('check')
  .description('run every check of the content, and of what Splunk would get')
  .option('--deep', "also try Splunk's limits with hostile lines, for every line of every parser")
  .addOption(quiet())
  .addOption(content())
  .addHelpText('after', examples('check', 'check --content own', 'check --deep'))
  .action((options) => run(async () => (await import('./commands/check.js')).checkCommand(options)));

program
  .command('test [name...]')
  .description("read the parsers' samples and run the detections' tests, and show what comes out wrong")
  .addOption(quiet())
  .addOption(content())
  .addHelpText(
    'after',
    examples('test', 'test strongswan.charon', 'test authentication/identity-spray-from-one-peer --content own'),
  )
  .action((names, options) => run(async () => (await import('./commands/test.js')).testCommand(names, options)));

program
  .command('build')
  .description('compile the pack into dist/{splunk,elastic,sigma}/')
  .addOption(targets())
  .option('--out <dir>', 'where to write', 'dist')
  .addOption(quiet())
  .addOption(content())
  .addHelpText('after', examples('build', 'build --target splunk --out /tmp/dist', 'build --content own'))
  .action((options) => run(async () => (await import('./commands/build.js')).buildCommand(options)));

program
  .command('release')
  .description('compile the pack into the files of a release: packages, checksums, and what changed')
  .option('--out <dir>', 'where to write', 'dist/release')
  .addOption(quiet())
  .addOption(content())
  .addHelpText('after', examples('release', 'release --content own --out release-of-ours'))
  .action((options) => run(async () => (await import('./commands/release.js')).releaseCommand(options)));

const load = program
  .command('load')
  .description('put what was built into a running system')
  .addHelpText('after', examples('load elastic --help'));
load
  .command('elastic')
  .description(
    'put pipelines, templates, policies and look-ups into Elasticsearch or OpenSearch, and rules and dashboards into Kibana',
  )
  .requiredOption('--url <url>', 'of the cluster, such as https://127.0.0.1:9200')
  .option('--kibana-url <url>', 'of Kibana; without it, rules and dashboards are not loaded')
  .option('--api-key <key>', 'API key, as Kibana shows it encoded; default: IKEAUDIT_API_KEY')
  .option('--user <name[:password]>', 'basic authentication; the password may stand in IKEAUDIT_PASSWORD')
  .option('--ca <file>', 'certificates in PEM that are trusted')
  .option('--raw-lines', 'also load the rules that raw lines need')
  .option('--dry-run', 'say what would be done')
  .option('--remove', 'take out what this command puts in; data stays')
  .addOption(quiet('tell only what was left out'))
  .addOption(content())
  .addHelpText(
    'after',
    examples(
      'load elastic --url https://127.0.0.1:9200 --user elastic --dry-run',
      'load elastic --url https://127.0.0.1:9200 --kibana-url https://127.0.0.1:5601 --api-key …',
    ),
  )
  .action((options) => run(async () => (await import('./commands/load-elastic.js')).loadElasticCommand(options)));

program
  .command('completion')
  .addArgument(new Argument('<shell>', 'whose script').choices(['bash', 'zsh', 'fish']))
  .description('print the script that completes commands, options and their values in a shell')
  .addHelpText(
    'after',
    '\nExamples:\n  source <(ikeaudit completion bash)\n  ikeaudit completion fish > ~/.config/fish/completions/ikeaudit.fish',
  )
  .action((shell) =>
    run(async () => {
      process.stdout.write((await import('./commands/completion.js')).completionScript(program, shell));
      return 0;
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof Error && error.constructor.name === 'UsageError') {
    process.stderr.write(`ikeaudit: ${error.message}\n`);
    process.exitCode = 2;
  } else throw error;
}
