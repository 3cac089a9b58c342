import { readProcess } from './process-table';
import { sendSignal } from './process-tree';
import type { Identity } from './supervisor-lane';

/** So long a supervisor whose program is gone may take to leave its record, also on a machine that is very busy. */
const RECORD_WITHIN_MS = 3000;

/**
 * Whether exactly this supervisor lives. A program may stop it, being of the same user; then nothing would ever be recorded, so what is seen
 * stopped is continued, together with its log keeper and its lane, which are of its process group.
 */
export function keepAwake({ pid, startTicks }: Identity): boolean {
  const entry = readProcess(pid);
  if (!entry || entry.zombie || entry.startTicks !== startTicks) return false;
  if (entry.stopped) sendSignal(-entry.group, 'SIGCONT');
  return true;
}

/** Ends a supervisor that has nothing left to watch over and does not say so: it holds the place of its run. */
export class StuckSupervisor {
  private bareMs: number | null = null;

  constructor(private readonly supervisor: Identity) {}

  /** @param killed how many processes of its program were found and killed just now. */
  note(killed: number): void {
    if (killed > 0) this.bareMs = null;
    else this.bareMs ??= performance.now();
    if (this.bareMs === null || performance.now() - this.bareMs < RECORD_WITHIN_MS) return;
    if (keepAwake(this.supervisor)) sendSignal(this.supervisor.pid, 'SIGKILL');
  }
}
