import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcess } from '../process-table';

const LOOK_MS = 10;
const MOST_LOOKS = 200;

/** The processes of a container by their control groups, whose names hold its id: for programs that Docker itself lost sight of. */
export function processesOf(containerId: string): number[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => Number.isInteger(pid) && readQuietly(`/proc/${pid}/cgroup`).includes(containerId) && !isOver(pid));
}

/**
 * Ends the process that the runtime holds ready to become the program, when that is all there is of a container.
 * @returns whether the program is proven not to have begun: a process that is stopped cannot become anything before it dies.
 */
export async function killUnbegun(containerId: string): Promise<boolean> {
  const pids = processesOf(containerId);
  if (pids.length === 0) return false;
  for (const pid of pids) send(pid, 'SIGSTOP');
  const isReady = pids.every(isHeldReady);
  for (const pid of pids) send(pid, isReady ? 'SIGKILL' : 'SIGCONT');
  if (!isReady) return false;
  for (let left = MOST_LOOKS; processesOf(containerId).length > 0 && left > 0; left -= 1) await sleep(LOOK_MS);
  return processesOf(containerId).length === 0;
}

/** Whether a container consists of nothing but the process that the runtime holds ready. */
export function isUnbegun(containerId: string): boolean {
  const pids = processesOf(containerId);
  return pids.length > 0 && pids.every(isHeldReady);
}

/** runc names it `runc:[2:INIT]` until it becomes the program. */
function isHeldReady(pid: number): boolean {
  return readQuietly(`/proc/${pid}/comm`).startsWith('runc:[');
}

export function killProcesses(containerId: string): void {
  for (const pid of processesOf(containerId)) send(pid, 'SIGKILL');
}

function isOver(pid: number): boolean {
  return readProcess(pid)?.zombie ?? true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is not ours to end.
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
