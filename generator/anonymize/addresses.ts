/**
 * Pseudonyms of addresses. They keep prefixes: two addresses of one network stay in one network (/24, or /48 and /64 of IPv6), and they come from the ranges that are
 * reserved for documentation (RFC 5737, RFC 3849), benchmarks (RFC 2544) where those are full, or stay private (RFC 1918, RFC 4193).
 */
import { createHmac } from 'node:crypto';
import ipaddr from 'ipaddr.js';

const DOCUMENTATION = ['198.51.100', '203.0.113', '192.0.2'];

export class Addresses {
  private readonly secret: Buffer;
  private readonly known = new Map<string, string>();
  private readonly networks = new Map<string, string>();
  private readonly hosts = new Map<string, Set<number>>();

  /** @param secret keeps the mapping from being undone; the same secret gives the same pseudonyms of the same log */
  constructor(secret: Buffer) {
    this.secret = secret;
  }

  /** @returns the pseudonym, in the form in which the address was written; addresses that belong to nobody stay as they are */
  pseudonym(text: string): string {
    let mapped = this.known.get(text);
    if (mapped === undefined) {
      mapped = this.map(text);
      this.known.set(text, mapped);
    }
    return mapped;
  }

  private map(text: string): string {
    if (!ipaddr.isValid(text)) return text;
    const address = ipaddr.process(text);
    if (['loopback', 'unspecified', 'multicast', 'broadcast', 'linkLocal'].includes(address.range())) return text;
    return address.kind() === 'ipv4' ? this.mapV4(address as ipaddr.IPv4) : this.mapV6(address as ipaddr.IPv6);
  }

  private mapV4(address: ipaddr.IPv4): string {
    const bytes = address.octets;
    const network = bytes.slice(0, 3).join('.');
    if (address.range() === 'private') {
      // the private range stays, so that inside and outside can be told apart; below it, numbers are changed
      const fixed = bytes[0] === 10 ? 1 : 2;
      const mapped = bytes.slice(0, fixed);
      if (bytes[0] === 172) mapped[1] = 16 + this.permute('172', bytes[1]! - 16, 16);
      for (let i = fixed; i < 3; i++) mapped.push(this.permute(bytes.slice(0, i).join('.'), bytes[i]!, 256));
      return `${mapped.join('.')}.${this.host(network, bytes[3]!)}`;
    }
    return `${this.publicNetwork(network)}.${this.host(network, bytes[3]!)}`;
  }

  /** The first networks seen get the documentation ranges, the others those for benchmarks. */
  private publicNetwork(network: string): string {
    let mapped = this.networks.get(network);
    if (mapped === undefined) {
      const number = this.networks.size;
      const beyond = number - DOCUMENTATION.length;
      mapped = DOCUMENTATION[number] ?? `198.${18 + ((beyond >> 8) & 1)}.${beyond & 255}`;
      this.networks.set(network, mapped);
    }
    return mapped;
  }

  /** A host's number is changed too; 0 and 255 stay, which name the network and its broadcast. */
  private host(network: string, number: number): number {
    if (number === 0 || number === 255) return number;
    return 1 + this.permute(`host ${network}`, number - 1, 254);
  }

  private mapV6(address: ipaddr.IPv6): string {
    const parts = address.parts;
    const prefix = address.range() === 'uniqueLocal' ? [0xfd00, this.word('ula', parts.slice(0, 2))] : [0x2001, 0xdb8];
    const mapped = [...prefix];
    for (let i = 2; i < 4; i++) mapped.push(this.word(`net ${i}`, parts.slice(0, i + 1)));
    const host = parts.slice(4);
    const isSmall = host.slice(0, 3).every((part) => part === 0);
    // short host numbers are chosen by people and stay short
    mapped.push(
      ...(isSmall
        ? [0, 0, 0, host[3] === 0 ? 0 : 1 + (this.word('host', parts) % 0xfffe)]
        : host.map((_, i) => this.word(`host ${i}`, parts))),
    );
    return new ipaddr.IPv6(mapped).toString();
  }

  private word(purpose: string, parts: number[]): number {
    return this.digest(`${purpose} ${parts.join(':')}`).readUInt16BE(0);
  }

  /** @returns a number below `size`; different numbers of one purpose give different ones */
  private permute(purpose: string, number: number, size: number): number {
    const taken = this.hosts.get(purpose) ?? new Set<number>();
    this.hosts.set(purpose, taken);
    const key = `${purpose} ${number}`;
    const before = this.known.get(key);
    if (before !== undefined) return Number(before);
    let mapped = this.digest(key).readUInt32BE(0) % size;
    while (taken.has(mapped)) mapped = (mapped + 1) % size;
    taken.add(mapped);
    this.known.set(key, String(mapped));
    return mapped;
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.secret).update(text).digest();
  }
}
