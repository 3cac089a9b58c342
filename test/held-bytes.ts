import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Looking takes this share of the time at most: a large heap is swept for a second, and what is looked at has to get on meanwhile. */
const SHARE = 0.1;

/** Bytes that this process holds and cannot let go of. */
export function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Looks now and then while something goes on. @param everyMs at most so often. @returns what was held beyond before, each time. */
export async function heldDuring(everyMs: number, work: () => Promise<unknown>): Promise<number[]> {
  const before = heldBytes();
  const held: number[] = [];
  let next: NodeJS.Timeout;
  const look = (): void => {
    const began = performance.now();
    held.push(heldBytes() - before);
    next = setTimeout(look, Math.max(everyMs, (performance.now() - began) / SHARE));
  };
  next = setTimeout(look, everyMs);
  try {
    await work();
  } finally {
    clearTimeout(next);
  }
  return held;
}
