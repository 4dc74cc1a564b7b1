/** Where bytes come from: files, gzip, standard input, or a file that grows. A source fills the reader's buffer; nothing is copied twice. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface Source {
  /** what to call it in messages: a path, or `standard input` */
  name: string;
  /** bytes in all where that is known, for progress */
  size: number | undefined;
  /** Reads into `buffer` at `offset`. @returns how many bytes came; 0 at the end. @throws InputError */
  read(buffer: Buffer, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** Input that cannot be read, or ends where it must not. What was read before it stands. */
export class InputError extends Error {}

/** @param path a file (plain or gzip, told apart by content), or `-` for standard input. @throws InputError where it cannot be opened */
export async function openSource(path: string): Promise<Source> {
  if (path === '-') return streamSource('standard input', undefined, await maybeGunzip(process.stdin));
  let handle: FileHandle;
  let size: number;
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new InputError(`${path}: is a folder. Name the log files in it.`);
    size = status.size;
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: ${reasonOf(error)}`);
  }
  const magic = Buffer.alloc(2);
  const { bytesRead } = await handle.read(magic, 0, 2, 0);
  if (bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b) {
    await handle.close();
    return streamSource(path, undefined, createReadStream(path).pipe(createGunzip()));
  }
  return {
    name: path,
    size,
    async read(buffer, offset) {
      return (await handle.read(buffer, offset, buffer.length - offset, null)).bytesRead;
    },
    close: () => handle.close(),
  };
}

const POLL = 200;

/**
 * A file that grows: waits for more at its end, and goes on with the new file when it was rotated (another inode, or shorter than before).
 * @param stop ends the source at the next quiet moment
 */
export async function followSource(path: string, stop: AbortSignal): Promise<Source> {
  if (path === '-') return openSource(path);
  let handle: FileHandle | undefined;
  let inode = 0;
  let at = 0;
  const reopen = async () => {
    const next = await open(path, 'r').catch(() => undefined);
    if (!next) return;
    await handle?.close();
    handle = next;
    inode = (await next.stat()).ino;
    at = 0;
  };
  await reopen();
  if (!handle) throw new InputError(`${path}: no such file. Create it before it is followed.`);
  return {
    name: path,
    size: undefined,
    async read(buffer, offset) {
      for (;;) {
        const { bytesRead } = await handle!.read(buffer, offset, buffer.length - offset, at);
        if (bytesRead > 0) {
          at += bytesRead;
          return bytesRead;
        }
        const now = await stat(path).catch(() => undefined);
        if (now && (now.ino !== inode || now.size < at)) {
          await reopen();
          continue;
        }
        if (stop.aborted) return 0;
        await new Promise((resolve) => setTimeout(resolve, POLL));
      }
    },
    close: async () => handle?.close(),
  };
}

async function maybeGunzip(stream: Readable): Promise<Readable> {
  const first: Buffer | null = await new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('end', () => resolve(null));
    stream.once('readable', () => resolve(stream.read() as Buffer | null));
  });
  if (first) stream.unshift(first);
  return first && first[0] === 0x1f && first[1] === 0x8b ? stream.pipe(createGunzip()) : stream;
}

function streamSource(name: string, size: number | undefined, stream: Readable): Source {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest = Buffer.alloc(0);
  return {
    name,
    size,
    async read(buffer, offset) {
      if (rest.length === 0) {
        try {
          const { done, value } = await iterator.next();
          if (done) return 0;
          rest = value as Buffer<ArrayBuffer>;
        } catch (error) {
          throw new InputError(`${name}: ${reasonOf(error)}`);
        }
      }
      const count = rest.copy(buffer, offset);
      rest = rest.subarray(count);
      return count;
    },
    async close() {
      stream.destroy();
    },
  };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'no such file.';
    case 'EACCES':
      return 'may not be read. Check its permissions.';
    case 'Z_BUF_ERROR':
      return 'ends in the middle of its gzip data. What came before was read.';
    case 'Z_DATA_ERROR':
      return 'is damaged: its gzip data cannot be decompressed any further. What came before was read.';
    default:
      return message;
  }
}
