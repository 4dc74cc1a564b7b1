/** Pieces of output that are written again and again: made once, they stand in the core's memory, and are copied from there. */
import type { Core, Region } from './core.js';

/** Where a piece stands, as long as `generation` is that of its store. */
export interface Piece {
  at: number;
  length: number;
  generation: number;
}

/** Bytes of a store that are for the pieces of one record. */
const ROOM = 1 << 17;
/** Longer ones are made for each record. */
const LONGEST = 1 << 14;
/** Generations of pieces that stay, and of those that go with their record. */
const FOREVER = -1;
const ONCE = -2;

export class PieceStore {
  generation = 0;
  private readonly core: Core;
  private readonly start: number;
  private readonly size: number;
  private readonly onForget: () => void;
  private end: number;
  private readonly long: Region = { at: 0, size: 0 };
  private longEnd = 0;

  /**
   * @param size bytes for all pieces
   * @param onForget is told when all pieces are forgotten
   */
  constructor(core: Core, size: number, onForget: () => void = () => {}) {
    this.core = core;
    this.size = size;
    this.onForget = onForget;
    this.start = core.allocate(size);
    this.end = this.start;
  }

  /** A record begins: all pieces that are kept or asked for until the next one begins stay till then. */
  begin(): void {
    this.longEnd = 0;
    if (this.end <= this.start + this.size - ROOM) return;
    this.end = this.start;
    this.generation++;
    this.onForget();
  }

  isKept(piece: Piece | undefined): piece is Piece {
    return piece !== undefined && (piece.generation === this.generation || piece.generation === FOREVER);
  }

  /** @param text its code units are bytes */
  keep(text: string): Piece {
    const { length } = text;
    if (length > LONGEST || this.end + length > this.start + this.size) return this.makeLong(text);
    const at = this.end;
    this.core.bytes.write(text, at, 'latin1');
    this.end = (at + length + 15) & ~15;
    return { at, length, generation: this.generation };
  }

  /** @returns so many bytes, for as long as this generation's pieces stay */
  allocate(length: number): number {
    const at = this.end;
    this.end = (at + length + 15) & ~15;
    return at;
  }

  /** @param text its code units are bytes. @returns a piece that is never forgotten */
  keepForever(text: string): Piece {
    const at = this.core.allocate(text.length);
    this.core.bytes.write(text, at, 'latin1');
    return { at, length: text.length, generation: FOREVER };
  }

  private makeLong(text: string): Piece {
    const { core, long } = this;
    // pieces of the same record stay where they are: the memory before is not used again
    if (this.longEnd + text.length > long.size) {
      core.enlarge(long, long.size + text.length);
      this.longEnd = 0;
    }
    const at = long.at + this.longEnd;
    core.bytes.write(text, at, 'latin1');
    this.longEnd += (text.length + 63) & ~15;
    return { at, length: text.length, generation: ONCE };
  }
}
