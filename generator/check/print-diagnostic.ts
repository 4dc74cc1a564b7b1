/** Prints diagnostics: clickable place and code, one sentence, then the frame with the whole span marked. */
import type { Diagnostic } from '../model/diagnostic.js';

/** @param documents the files that the diagnostics are about, among others */
export function printDiagnostics(diagnostics: Diagnostic[], documents: readonly { file: string; text: string }[]): string {
  const texts = new Map(documents.map(({ file, text }) => [file, text]));
  const sorted = [...diagnostics].sort(
    (a, b) => (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : 0) || a.place.start - b.place.start,
  );
  return sorted.map((diagnostic) => printDiagnostic(diagnostic, texts.get(diagnostic.place.file) ?? '')).join('\n\n');
}

/** @param text of the file that the diagnostic is about */
export function printDiagnostic(diagnostic: Diagnostic, text: string): string {
  const { file, start, end } = diagnostic.place;
  const lines = text.split('\n');
  let line = 0;
  let before = 0;
  while (line + 1 < lines.length && before + lines[line]!.length + 1 <= start) {
    before += lines[line]!.length + 1;
    line++;
  }
  const column = start - before;
  const span = Math.max(1, Math.min(end, before + lines[line]!.length) - start);
  const width = String(Math.min(lines.length, line + 2)).length;
  const gutter = (number: number | undefined) => `${(number === undefined ? '' : String(number)).padStart(width)} | `;
  const frame = [];
  if (line > 0) frame.push(gutter(line) + lines[line - 1]);
  frame.push(gutter(line + 1) + lines[line]);
  frame.push(gutter(undefined) + ' '.repeat(column) + '^'.repeat(span));
  if (line + 1 < lines.length && lines[line + 1] !== '') frame.push(gutter(line + 2) + lines[line + 1]);
  return `${file}:${line + 1}:${column + 1} ${diagnostic.code}\n  ${diagnostic.message}\n\n${frame.join('\n')}`;
}
