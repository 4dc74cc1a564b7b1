/** Reads a .conf file strictly: what Splunk would merge or ignore in silence is an error here. */

export type Conf = Map<string, Map<string, string>>;

export function readConf(text: string): Conf {
  const conf: Conf = new Map();
  let stanza: Map<string, string> | undefined;
  // "a backslash at the end of a line continues the value on the next line"; the line break belongs to it
  const lines = text.replaceAll('\\\n', '\u0000').split('\n');
  for (const [index, joined] of lines.entries()) {
    const line = joined.replaceAll('\u0000', '\n');
    if (line === '' || line.startsWith('#')) continue;
    const name = /^\[(.*)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      if (conf.has(name)) throw new Error(`line ${index + 1}: second stanza [${name}]`);
      stanza = new Map();
      conf.set(name, stanza);
      continue;
    }
    const [, key, value] = /^([^=\s]+) = (\S.*\S|\S)$/s.exec(line) ?? [];
    if (!stanza || key === undefined) throw new Error(`line ${index + 1}: no setting: ${line}`);
    if (stanza.has(key)) throw new Error(`line ${index + 1}: second key ${key}`);
    stanza.set(key, value!);
  }
  return conf;
}

export function readCsv(text: string): Record<string, string>[] {
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!,
      ),
    );
  const [head, ...body] = rows;
  return body.map((row) => Object.fromEntries(head!.map((column, index) => [column, row[index]!])));
}
