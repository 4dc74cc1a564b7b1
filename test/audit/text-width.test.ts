import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { describe, expect, test } from 'vitest';
import { textWidth, wrapText } from '../../generator/report/text-width.js';

const TEXTS = [
  'Ten failed attempts of 198.51.100.66 in five minutes, and then one that succeeded: ask the owner.',
  'a-word-that-is-longer-than-any-line-that-is-asked-for-here and what follows',
  'two  blanks, and one at the end ',
  ' one at the beginning',
  'Between 2026-01-05 and 2026-01-06 – that is, a day — 3 × 12 of the peer’s attempts failed…',
  'Zwölf Fehlversuche – 漢字 are wide',
  '\u001b[1mbold\u001b[22m words that wrap when there is no room',
  'one\ntwo',
  '',
];

describe('text wraps as it does with tables of wide characters', () => {
  test.each(TEXTS)('%j', (text) => {
    for (let width = 8; width < 110; width++)
      expect(wrapText(text, width).join('\n')).toBe(wrapAnsi(text, width, { hard: true }));
  });
});

test('a text is as wide as with tables of wide characters', () => {
  for (const text of [...TEXTS, '–', '—', '…', '’', '×']) expect(textWidth(text)).toBe(stringWidth(text));
});
