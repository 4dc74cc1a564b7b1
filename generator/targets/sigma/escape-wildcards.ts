/** @returns the text as a Sigma value that means itself: `*` and `?` are wildcards there, and a backslash takes their meaning away. */
export function escapeWildcards(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
