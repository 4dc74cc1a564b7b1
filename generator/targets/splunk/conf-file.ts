/** Splunk's .conf syntax: stanzas of `key = value`; a backslash at the end of a line continues the value on the next one. What AppInspect does not see (a stanza or key written twice, a lost blank) is refused here. */

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
    if (
      value === '' ||
      value.split('\n').some((line, index) => !isLine(line, index)) ||
      value.endsWith('\\') ||
      value !== value.trim()
    )
      throw new Error(`Unexpected value of "${key}" in "${name}": ${value}`);
    keys.add(key);
  }
  return `${commented(comment)}[${name}]\n${settings.map(([key, value]) => `${key} = ${value.replaceAll('\n', ' \\\n')}\n`).join('')}`;
}

/** A line of a value. One that looks like a comment or a stanza would be read as one by somebody's tool. */
function isLine(line: string, index: number): boolean {
  return line.trim() !== '' && !/\r|\\$/.test(line) && !(index > 0 && /^[#[]/.test(line));
}

function commented(lines: string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}
