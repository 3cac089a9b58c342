import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the young generation of the heap at its first size. Otherwise it grows to tens of megabytes, where the small objects that own the
 * pieces of an upload lie for so long that the pieces themselves pile up until a full collection. Measured with uploads of one gigabyte:
 * less than half the processor time, and 176 MB of memory rather than 270.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
