/**
 * User text inside of searches. Content is written by others, and a value may hold anything: quotes, bars, macros' backticks. All of it goes through here.
 */

/** @returns a string of the search language: within quotes, bars and backticks mean nothing */
export function splString(text: string): string {
  return `"${text.replace(/\s+/g, ' ').replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * @returns a regex that finds the text itself. Special characters stand in classes: how many backslashes a string of the search language needs before a
 * regex sees one is told differently in different places.
 */
export function splRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, (char) => (char === '\\' ? '[\\\\]' : char === '^' ? '[\\^]' : `[${char}]`));
}

/** @returns text for the parameters of an alert's action, in which $…$ would be a field of the result */
export function plainText(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('$', '$ ').trim();
}
