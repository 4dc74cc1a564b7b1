/** What a user keeps beside his logs: a table of assets, and one of changes that were announced. Both are CSV with a line of names. */
import { isIP } from 'node:net';
import { compileNetworks } from '../detect/compile-selection.js';

export interface Asset {
  /** @param names addresses, identities and connections */
  matches(names: ReadonlySet<string>): boolean;
  /** the row in one sentence */
  says: string;
}

export interface Change {
  /** milliseconds since 1970 */
  from: number;
  to: number;
  connection: string;
  says: string;
}

export interface AuditContext {
  /** as the user named them; '' where there is none */
  assetsFile: string;
  changesFile: string;
  assets: Asset[];
  changes: Change[];
}

export const NO_CONTEXT: AuditContext = { assetsFile: '', changesFile: '', assets: [], changes: [] };

export const ASSET_COLUMNS = ['peer', 'identity', 'connection', 'tag', 'owner', 'country', 'hours'];
export const CHANGE_COLUMNS = ['from', 'to', 'what', 'who', 'ticket', 'connection'];

/** A table that cannot be used; the message says which line and why. */
export class TableError extends Error {}

/** @param text columns in any order: an address or network, an identity, a connection (one of the three), and what is known. @throws TableError */
export function readAssets(text: string): Asset[] {
  return readTable(text, ASSET_COLUMNS).map(({ line, row }) => {
    const { peer = '', identity = '', connection = '', tag = '', owner = '', country = '', hours = '' } = row;
    if (peer === '' && identity === '' && connection === '')
      throw new TableError(`line ${line} names no peer, no identity and no connection.`);
    const isPeer = peer === '' ? undefined : networks(peer, line);
    const key = [peer, identity, connection].filter(Boolean).join(', ');
    const facts = [tag, owner && `owner ${owner}`, country && `expected from ${country}`, hours && `works ${hours}`];
    return {
      matches: (names) =>
        names.has(identity) || names.has(connection) || (isPeer !== undefined && [...names].some((name) => isPeer(name))),
      says: `${key}: ${facts.filter(Boolean).join(', ') || 'known'}`,
    };
  });
}

/** @param text columns in any order: `from` (ISO 8601), `to` (empty: the same moment), `what`, `who`, `ticket`, `connection` (empty: all). @throws TableError */
export function readChanges(text: string): Change[] {
  return readTable(text, CHANGE_COLUMNS).map(({ line, row }) => {
    const { from = '', to = '', what = '', who = '', ticket = '', connection = '' } = row;
    const begin = Date.parse(from);
    const end = to === '' ? begin : Date.parse(to);
    if (Number.isNaN(begin) || Number.isNaN(end))
      throw new TableError(`line ${line}: "${Number.isNaN(begin) ? from : to}" is no time.`);
    const facts = [what || 'a change', who && `by ${who}`, ticket && `ticket ${ticket}`];
    return { from: begin, to: end, connection, says: `${facts.filter(Boolean).join(', ')} at ${new Date(begin).toISOString()}` };
  });
}

function networks(peer: string, line: number): (address: string) => boolean {
  const [address = '', bits] = peer.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  if (most < 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
    throw new TableError(`line ${line}: "${peer}" is neither an address nor a network.`);
  return compileNetworks([peer]);
}

function readTable(text: string, columns: string[]): { line: number; row: Record<string, string> }[] {
  const [names, ...rows] = readCsv(text);
  if (names === undefined) return [];
  const unknown = names.cells.find((name) => !columns.includes(name.trim()));
  if (unknown !== undefined) throw new TableError(`has a column "${unknown}". There are: ${columns.join(', ')}.`);
  return rows
    .filter(({ cells }) => cells.some(Boolean))
    .map(({ line, cells }) => ({
      line,
      row: Object.fromEntries(names.cells.map((name, index) => [name.trim(), (cells[index] ?? '').trim()])),
    }));
}

/** RFC 4180: cells may stand in quotes, in which a quote is doubled and lines may break. */
function readCsv(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let line = 1;
  let begun = 1;
  let cells: string[] = [];
  const pattern = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  const body = text.replace(/^\ufeff/, '');
  while (pattern.lastIndex < body.length) {
    const found = pattern.exec(body);
    if (!found) throw new TableError(`line ${line}: a quote is not closed, or text follows it.`);
    const [whole, cell, end] = found as unknown as [string, string, string];
    cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    rows.push({ line: begun, cells });
    cells = [];
    begun = line;
    if (end === '') break;
  }
  if (cells.length) rows.push({ line: begun, cells });
  return rows;
}
