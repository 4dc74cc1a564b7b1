import { isDomain, isNobodys } from './names.js';

/** Top levels below which people really have hosts, beside those of countries: else every `worker.start` and `john.doe` would be one. */
const TOP_LEVELS = new Set(
  'com net org info biz edu gov mil int cloud app dev online site tech name pro lan local corp internal intern intranet home localdomain'.split(
    ' ',
  ),
);

const CANDIDATE = /(?<![\w-]|\w\.)(?:[A-Za-z0-9*_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,18}(?![\w-]|\.\w)/g;

/**
 * @param known names that may stand there, such as those that a program itself writes
 * @returns names of hosts in `text` that may be somebody's: neither reserved ones (RFC 2606, RFC 6761) nor known ones
 */
export function foreignNames(text: string, known: ReadonlySet<string> = new Set()): { name: string; index: number }[] {
  return [...text.matchAll(CANDIDATE)].flatMap(({ 0: name, index }) =>
    !isWebSite(name) && isDomain(name) && isRegistered(name) && !isNobodys(name) && !known.has(name.toLowerCase())
      ? [{ name, index }]
      : [],
  );
}

function isRegistered(name: string): boolean {
  const top = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return top.length === 2 || TOP_LEVELS.has(top);
}

/** What programs print for their readers. */
function isWebSite(name: string): boolean {
  return /^www\./i.test(name);
}
