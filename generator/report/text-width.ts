/** How wide text is on a terminal, and where it wraps. Most of a report is ASCII and our own punctuation, which need none of the tables of wide characters. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const PLAIN = /^[ -~–—…’×]*$/;
const PLAIN_WORDS = /^[!-~–—…’×]+(?: [!-~–—…’×]+)*$/;

export function textWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** @returns lines of at most `width` columns; words that are longer are broken */
export function wrapText(text: string, width: number): string[] {
  const words = PLAIN_WORDS.test(text) ? text.split(' ') : [];
  if (words.length === 0 || words.some((word) => word.length > width)) return wrapAnsi(text, width, { hard: true }).split('\n');
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
