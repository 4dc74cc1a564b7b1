/**
 * Replaces what names somebody in a log: addresses, names that a parser reads, domain names, addresses of mail, distinguished names. What a line says of a
 * protocol (events, algorithms, SPIs, ports, times) stays, so that the log reads as before.
 */
import { Addresses } from './addresses.js';
import { isDomain, Names } from './names.js';

const ADDRESS =
  /(?<![\w:]|\w\.)(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39})(?![\w:]*\w:)(?!\w)/g;
const MAIL = /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}/g;
const DOMAIN = /(?<![\w@/-]|\w\.)(?:[A-Za-z0-9*](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,18}(?![\w-]|\.\w)/g;
const DISTINGUISHED = /\b(?:C|CN|O|OU|DC|E|L|ST|UID|emailAddress)=[^'">\]]{1,400}/g;
const MAC = /\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b/g;

/** A text of a record and what it is, as a parser read it. */
export interface NamedText {
  text: string;
  /** the kind of pseudonym: `user`, `conn`, `gw` */
  kind: string;
}

export class Anonymizer {
  private readonly addresses: Addresses;
  private readonly names = new Names();
  /** names that were read once are replaced wherever they stand as a word */
  private readonly words = new Map<string, string>();

  constructor(secret: Buffer) {
    this.addresses = new Addresses(secret);
  }

  /** Tells of names, before the lines that hold them are changed. */
  learn(named: NamedText[]): void {
    for (const { text, kind } of named) {
      if (text.length < 2 || this.words.has(text) || isAddressLike(text) || /^[\d\W]+$/.test(text)) continue;
      this.words.set(text, kind === 'gw' ? this.names.host(text) : this.names.name(text, kind));
    }
  }

  /** @returns the line with pseudonyms */
  line(text: string): string {
    // what is replaced is set aside, so that nothing replaces a pseudonym again
    const kept: string[] = [];
    const keep = (mapped: string) => `\uE000${kept.push(mapped) - 1}\uE001`;
    let changed = text;
    for (const [word, mapped] of this.sortedWords()) {
      if (changed.includes(word)) changed = replaceWord(changed, word, () => keep(mapped));
    }
    changed = changed
      .replace(DISTINGUISHED, (found) => keep(this.names.distinguishedName(found)))
      .replace(MAIL, (found) => keep(this.names.mail(found)))
      .replace(MAC, (found) => keep(`02:00:5e:10:00:${macTail(found)}`))
      .replace(ADDRESS, (found) => keep(this.addresses.pseudonym(found)))
      .replace(DOMAIN, (found) => (isDomain(found) ? keep(this.names.domain(found)) : found));
    return unfold(changed, kept);
  }

  private sorted: [string, string][] = [];

  /** The longest first, so that `gw.example.com` is found before `gw`. */
  private sortedWords(): [string, string][] {
    if (this.sorted.length !== this.words.size) this.sorted = [...this.words].sort((a, b) => b[0].length - a[0].length);
    return this.sorted;
  }
}

function unfold(text: string, kept: string[]): string {
  let whole = text;
  while (whole.includes('\uE000')) whole = whole.replace(/\uE000(\d+)\uE001/g, (_, index: string) => kept[Number(index)]!);
  return whole;
}

/** Replaces a word where no letter or digit touches it. */
function replaceWord(text: string, word: string, mapped: () => string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
    const end = at + word.length;
    if (isWordByte(text[at - 1]) || isWordByte(text[end])) continue;
    out += text.slice(from, at) + mapped();
    from = end;
  }
  return out + text.slice(from);
}

function isWordByte(character: string | undefined): boolean {
  return character !== undefined && /[\w\uE000\uE001]/.test(character);
}

function isAddressLike(text: string): boolean {
  return /^[\d.]+$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$/.test(text);
}

function macTail(mac: string): string {
  return mac.slice(-2).toLowerCase();
}
