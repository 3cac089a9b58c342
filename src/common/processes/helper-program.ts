import { readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { extname, join } from 'node:path';

/** What programs of ours have in common that a process starts for work on people's files: whatever a file is, it ends its own program only. */

const PAGE_BYTES = 4096;
const TICKS_PER_SECOND = 100;
const LOW_PRIORITY = 10;
const HOME = join(__dirname, '..', '..', '..');

/** Of source files while the sources themselves run, as in tests; else of compiled ones. */
export const PROGRAM_ENDING = extname(__filename);

/** Options of node for such a program. @param heapMegabytes of JavaScript; node's own choice where it is left out. */
export function programOptions(heapMegabytes?: number): string[] {
  const heap = heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`];
  const sources = PROGRAM_ENDING === '.ts' ? ['--require', join(HOME, 'test', 'tools', 'load-typescript.cjs')] : [];
  return ['--no-warnings', ...heap, ...sources];
}

/** Gives way to pages and to programs of runs. */
export function beGentle(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, LOW_PRIORITY);
  } catch {
    // It has ended already.
  }
}

/** What a process holds in bytes and has used of the processor; nothing of one that has ended. */
export async function usageOf(pid: number | undefined): Promise<{ memory: number; cpuSeconds: number }> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything; after it come state, parent, …
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { memory: Number(fields[21]) * PAGE_BYTES, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
  } catch {
    return { memory: 0, cpuSeconds: 0 };
  }
}
