// What is compared: what people write by hand for the same lines, as ingest pipelines.

const ECS = { kind: 'event', category: ['network'], type: ['info'], module: 'ikev2' };
/** A hole in grok's words. */
const GROK = { ip: 'IP', int: 'INT', port: 'INT', hex: 'BASE16NUM', word: 'NOTSPACE', rest: 'GREEDYDATA' };

/** The syslog header and charon's, which every line has. */
const HEADER = {
  dissect: {
    field: 'message',
    append_separator: ' ',
    pattern:
      '%{tmp.time} %{+tmp.time} %{+tmp.time} %{observer.hostname} %{process.name}[%{process.pid}]: %{ikev2.thread}[%{ikev2.subsystem}] %{tmp.text}',
  },
};

/** @returns {object[]} the header alone: what nobody does with less */
export function headerAlone() {
  return [HEADER];
}

/**
 * As integrations are written: the line is kept, the header is dissected, the time read; then for each message a dissect, or a grok where dissect cannot
 * say it, behind a condition on the message's text, and a `set` of its action behind the same; at the end what all events have.
 * @param {any[]} entries in their order @returns {object[]}
 */
export function handWritten(entries) {
  return [
    { rename: { field: 'message', target_field: 'event.original' } },
    { dissect: { ...HEADER.dissect, field: 'event.original' } },
    { date: { field: 'tmp.time', formats: ['MMM d HH:mm:ss', 'MMM  d HH:mm:ss'] } },
    ...entries.flatMap((entry) => {
      const condition = { if: conditionOf(entry) };
      const fields = entry.template.parts.some((/** @type {any} */ { kind, field }) => kind === 'capture' && field !== '_');
      const pattern = dissectPattern(entry);
      const reads =
        pattern !== undefined
          ? { dissect: { field: 'tmp.text', pattern, ignore_failure: true, ...condition } }
          : { grok: { field: 'tmp.text', patterns: [grokPattern(entry)], ignore_failure: true, ...condition } };
      return [...(fields ? [reads] : []), { set: { field: 'event.action', value: entry.event ?? 'ignored', ...condition } }];
    }),
    ...Object.entries(ECS).map(([name, value]) => ({ set: { field: `event.${name}`, value } })),
    { convert: { field: 'process.pid', type: 'long', ignore_missing: true } },
    { set: { field: 'source.ip', value: '{{ikev2.peer_ip}}', ignore_empty_value: true } },
    { append: { field: 'related.ip', value: '{{ikev2.peer_ip}}', if: 'ctx.ikev2?.peer_ip != null' } },
    { rename: { field: 'tmp.text', target_field: 'message' } },
    { remove: { field: 'tmp' } },
  ];
}

/** One grok whose patterns are tried in their order; nothing is made of what it captures. @param {any[]} entries @returns {object[]} */
export function grokList(entries) {
  return [HEADER, { grok: { field: 'tmp.text', patterns: entries.map(grokPattern), ignore_failure: true } }];
}

/** Two conditions that cost little: how the message begins, and the longest text that it must hold. */
function conditionOf(/** @type {any} */ { template }) {
  const [first] = template.parts;
  const texts = template.parts.flatMap((/** @type {any} */ part) => (part.kind === 'literal' ? [part.text] : []));
  const longest = texts.reduce((/** @type {string} */ a, /** @type {string} */ b) => (b.length > a.length ? b : a), '');
  if (first?.kind === 'literal') return `ctx.tmp.text.startsWith(${quote(first.text)})`;
  return longest ? `ctx.tmp.text.contains(${quote(longest)})` : 'true';
}

/** @returns {string | undefined} undefined where dissect cannot say the line */
function dissectPattern(/** @type {any} */ { template: { parts } }) {
  const named = new Set();
  let pattern = '';
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'choice' || (part.kind === 'capture' && parts[index - 1]?.kind === 'capture')) return undefined;
    if (part.kind === 'literal' && part.text.includes('%{')) return undefined;
    pattern += part.kind === 'literal' ? part.text : `%{${nameOf(part, named) ?? '?skipped'}}`;
  }
  return pattern;
}

function grokPattern(/** @type {any} */ { template: { parts } }) {
  const named = new Set();
  const pattern = parts.map((/** @type {any} */ part) => {
    if (part.kind === 'literal') return escape(part.text);
    if (part.kind === 'choice') return `(?:${part.options.map(escape).join('|')})`;
    const name = nameOf(part, named);
    const type = GROK[/** @type {keyof typeof GROK} */ (part.type)] ?? 'DATA';
    return `%{${type}${name === undefined ? '' : `:${name}`}}`;
  });
  return `^${pattern.join('')}$`;
}

/** A field's name, once a line. @returns {string | undefined} */
function nameOf(/** @type {any} */ { field }, /** @type {Set<string>} */ named) {
  if (field === '_' || named.has(field)) return undefined;
  named.add(field);
  return `ikev2.${field}`;
}

function escape(/** @type {string} */ text) {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function quote(/** @type {string} */ text) {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
