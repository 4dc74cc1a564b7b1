/**
 * Clusters messages as Drain does (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): messages of equal length in words that
 * share most words at equal places are one template, and the places where they differ are its holes. Values are found by their looks before that, so
 * that they cannot make clusters of their own.
 */
import { maskMessage, type Piece } from './mask.js';

/** A word of a template: pieces without blanks. */
export interface Word {
  pieces: Piece[];
  /** differs from message to message */
  wild: boolean;
}

export interface Cluster {
  words: Word[];
  count: number;
  /** the first messages, as they were logged */
  samples: string[];
}

/** Share of equal words that makes two messages one template; Drain's authors use 0.4 to 0.5, on logs with fewer fixed words. */
const SIMILAR = 0.6;
const MOST_CLUSTERS = 5000;
const MOST_SAMPLES = 5;
const LONGEST = 2000;

export class Clusters {
  /** messages of more templates than are kept */
  dropped = 0;
  private readonly buckets = new Map<string, Cluster[]>();
  private count = 0;

  add(message: string): void {
    const words = wordsOf(maskMessage(message.slice(0, LONGEST)));
    const key = `${words.length} ${words[0] ? shapeOf(words[0]) : ''}`;
    let bucket = this.buckets.get(key);
    if (!bucket) {
      bucket = [];
      this.buckets.set(key, bucket);
    }
    let best: Cluster | undefined;
    let bestShare = 0;
    for (const cluster of bucket) {
      const share = similarity(cluster.words, words);
      if (share > bestShare) {
        best = cluster;
        bestShare = share;
      }
    }
    if (best && bestShare >= SIMILAR) {
      best.count++;
      if (best.samples.length < MOST_SAMPLES && !best.samples.includes(message)) best.samples.push(message);
      for (const [index, word] of words.entries())
        if (shapeOf(word) !== shapeOf(best.words[index]!)) best.words[index]!.wild = true;
      return;
    }
    if (this.count >= MOST_CLUSTERS) {
      this.dropped++;
      return;
    }
    this.count++;
    bucket.push({ words, count: 1, samples: [message] });
  }

  /** @returns the clusters, the most frequent first */
  all(): Cluster[] {
    return [...this.buckets.values()].flat().sort((a, b) => b.count - a.count);
  }
}

/** @returns the word with its values named by their types: what makes two words equal */
export function shapeOf({ pieces }: Word): string {
  return pieces.map(({ type, text }) => (type === undefined ? text : `\0${type}\0`)).join('');
}

/** Splits at blanks that stand outside of values. */
function wordsOf(pieces: Piece[]): Word[] {
  const words: Word[] = [{ pieces: [], wild: false }];
  for (const piece of pieces) {
    if (piece.type !== undefined) {
      words.at(-1)!.pieces.push(piece);
      continue;
    }
    for (const [index, text] of piece.text.split(' ').entries()) {
      if (index > 0) words.push({ pieces: [], wild: false });
      if (text !== '') words.at(-1)!.pieces.push({ type: undefined, text });
    }
  }
  return words;
}

/** Equal words, of those that are not values alone: two messages that share nothing but an address are not alike. */
function similarity(template: Word[], words: Word[]): number {
  let equal = 0;
  let counted = 0;
  for (const [index, word] of words.entries()) {
    const known = template[index]!;
    const isValue = word.pieces.every(({ type }) => type !== undefined);
    if (isValue && shapeOf(known) === shapeOf(word)) continue;
    counted++;
    if (!known.wild && shapeOf(known) === shapeOf(word)) equal++;
  }
  return counted === 0 ? 1 : equal / counted;
}
