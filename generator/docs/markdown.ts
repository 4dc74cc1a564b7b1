/** Markdown that reads well on its own: tables, and texts in which nothing of the content becomes markup. */

/** @returns a cell's text: no line breaks, no column breaks */
export function cell(text: string): string {
  return plain(text).replaceAll('|', '\\|');
}

/** @returns the text on one line, with `<` escaped, which would begin HTML */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replaceAll('<', '&lt;');
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @returns seconds as people say them: `5m`, `24h`, `90s` */
export function duration(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const)
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  return `${seconds}s`;
}

/** Every generated page says so, and how it is made again. */
export const GENERATED = '<!-- Made from the content by `npm run docs`. Do not edit by hand. -->\n';
