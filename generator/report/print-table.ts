/** Tables for a terminal that fit its width: the widest columns give way, cells that are cut end in `…`. */
import { textWidth } from './text-width.js';

export interface Column {
  title: string;
  right?: boolean;
  /** may be cut; others keep their width */
  flexible?: boolean;
}

/** Columns stand this far apart. */
const GAP = 2;
const LEAST = 8;

/** @param rows cells as plain text, in which nothing is coloured yet. @returns lines, the first with the titles */
export function printTable(columns: Column[], rows: string[][], width: number, indent = 2): string[] {
  const widths = columns.map(({ title }, index) => Math.max(textWidth(title), ...rows.map((row) => textWidth(row[index] ?? ''))));
  let excess = widths.reduce((sum, one) => sum + one + GAP, indent - GAP) - width;
  while (excess > 0) {
    const flexible = columns.map(({ flexible: may }, index) => (may && widths[index]! > LEAST ? widths[index]! : 0));
    const widest = flexible.indexOf(Math.max(...flexible));
    if (flexible[widest] === 0) break;
    const second = Math.max(LEAST, ...flexible.filter((_, index) => index !== widest));
    const less = Math.min(excess, Math.max(1, widths[widest]! - second));
    widths[widest]! -= less;
    excess -= less;
  }
  const line = (cells: string[]) =>
    (
      ' '.repeat(indent) +
      cells.map((cell, index) => fit(cell, widths[index]!, columns[index]!.right === true)).join(' '.repeat(GAP))
    ).trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map((row) => line(columns.map((_, index) => row[index] ?? '')))];
}

/** @returns the text in exactly so many columns */
function fit(text: string, width: number, right: boolean): string {
  const cut = cutTo(text, width);
  const blanks = ' '.repeat(Math.max(0, width - textWidth(cut)));
  return right ? blanks + cut : cut + blanks;
}

/** @returns the text, or its beginning and `…`, in at most so many columns */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const character of text) {
    const wide = textWidth(character);
    if (used + wide > width - 1) break;
    cut += character;
    used += wide;
  }
  return `${cut}…`;
}
