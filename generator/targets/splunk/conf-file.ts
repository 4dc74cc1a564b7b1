/** Splunk's .conf syntax: stanzas of `key = value`. What AppInspect does not see (a stanza or key written twice, a lost blank) is refused here. */

export interface Stanza {
  name: string;
  /** lines of comment above it */
  comment?: string[];
  settings: [key: string, value: string][];
}

/** @param head what the file was made from */
export function printConf(head: string[], stanzas: Stanza[]): string {
  const names = new Set<string>();
  for (const { name } of stanzas) {
    if (names.has(name)) throw new Error(`Unexpected second stanza "${name}"`);
    names.add(name);
  }
  return `${[commented(head), ...stanzas.map(printStanza)].join('\n')}`;
}

function printStanza({ name, comment = [], settings }: Stanza): string {
  const keys = new Set<string>();
  for (const [key, value] of settings) {
    if (keys.has(key)) throw new Error(`Unexpected second key "${key}" in stanza "${name}"`);
    if (value !== value.trim() || /[\r\n]/.test(value) || value.endsWith('\\'))
      throw new Error(`Unexpected value of "${key}" in "${name}": ${value}`);
    keys.add(key);
  }
  return `${commented(comment)}[${name}]\n${settings.map(([key, value]) => `${key} = ${value}\n`).join('')}`;
}

function commented(lines: string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}
