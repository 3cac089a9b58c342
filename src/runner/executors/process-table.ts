import { readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readProcess, type ProcessEntry } from '../../common/processes/process-entry';

export { parseStat, readBootId, readProcess, type ProcessEntry } from '../../common/processes/process-entry';

/** Whether exactly this process still runs: the pid alone may belong to somebody else by now. */
export function isAlive(pid: number, startTicks: string): boolean {
  const entry = readProcess(pid);
  return entry !== null && !entry.zombie && entry.startTicks === startTicks;
}

/** All processes that started at or after a moment (ticks), read in one go so that the picture is as consistent as /proc allows. */
export function processesSince(startTicks: string): ProcessEntry[] {
  const since = Number(startTicks);
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const entry = readProcess(pid);
    if (entry && !entry.zombie && Number(entry.startTicks) >= since) entries.push(entry);
  }
  return entries;
}

/** Whether a process was given this environment variable at its start; false where it may not be looked into. */
export function carries(pid: number, variable: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${variable}\0`);
  } catch {
    return false;
  }
}

/** Reads a small file that a supervisor may be writing right now; null while it is missing or empty. */
export async function readSmallFile(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'latin1')).trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
