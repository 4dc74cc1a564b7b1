/** Standard output, whose reader may be slow, or gone. */
import { writeSync } from 'node:fs';

/** Nobody reads any more: not an error. */
export class BrokenPipe extends Error {}

/** Writes all of it before it resolves, so that a slow reader slows us down. */
export async function writeOut(output: Buffer): Promise<void> {
  let offset = 0;
  while (offset < output.length) {
    try {
      offset += writeSync(1, output, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new BrokenPipe();
      if (code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
