import { readdirSync, readFileSync } from 'node:fs';

/** The processes of a container by their control groups, whose names hold its id: for programs that Docker itself lost sight of. */
export function processesOf(containerId: string): number[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => Number.isInteger(pid) && controlGroupsOf(pid).includes(containerId));
}

export function killProcesses(containerId: string): void {
  for (const pid of processesOf(containerId)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, or is not ours to end.
    }
  }
}

function controlGroupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'latin1');
  } catch {
    return '';
  }
}
