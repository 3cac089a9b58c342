import { readFileSync, readdirSync } from 'node:fs';
import { carries, isAlive, readProcess } from '../../../src/runner/executors/process-table';

export interface MarkedProcess {
  pid: number;
  command: string;
  /** The run that it belongs to; null: none, or not to be seen. */
  runId: number | null;
  /** Whether it belongs to a job of a Slurm cluster. */
  isJob: boolean;
}

/** Processes on this machine that inherited a variable from a runner, which the programs of all its runs do. */
export function markedProcesses(mark: string): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || !carries(pid, mark)) continue;
    const entry = readProcess(pid);
    if (!entry || entry.zombie) continue;
    const command = read(pid, 'cmdline').slice(0, 200);
    const isJob = /^SLURM_JOB_ID=/m.test(read(pid, 'environ', '\n')) || command.startsWith('slurmstepd');
    found.push({ pid, command, runId: runOf(pid), isJob });
  }
  return found;
}

/** Ends them all, as if in one moment: none may see another one's death. @param which by the command line. */
export function killMarked(mark: string, which: (command: string) => boolean = () => true): number {
  const stopped = new Set<number>();
  for (;;) {
    const fresh = markedProcesses(mark).filter(({ pid, command }) => !stopped.has(pid) && which(command));
    if (fresh.length === 0) break;
    for (const { pid } of fresh) {
      stopped.add(pid);
      send(pid, 'SIGSTOP');
    }
  }
  for (const pid of stopped) send(pid, 'SIGKILL');
  return stopped.size;
}

/** Kills exactly this process. @returns whether it was there. */
export function killExactly({ pid, startTicks }: { pid: number; startTicks: string }): boolean {
  return isAlive(pid, startTicks) && send(pid, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** By the variable of its program, or by the folder that a supervisor was given. */
function runOf(pid: number): number | null {
  const found = /^SHOWRUNNER_RUN=(\d+)$/m.exec(read(pid, 'environ', '\n')) ?? /\/runs\/(\d+)\/\d+ /.exec(read(pid, 'cmdline'));
  return found ? Number(found[1]) : null;
}

function read(pid: number, file: string, separator = ' '): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').replaceAll('\0', separator);
  } catch {
    return '';
  }
}
