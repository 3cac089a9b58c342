import { text } from '../../../locales/text';
import type { Execution, Observation } from '../executor';
import { removeTrace } from './attempt-files';
import { isUnbegun, killProcesses, killUnbegun, processesOf } from './container-processes';

/** How long a start may leave its trace and yet no container that runs, on a machine that is busy. */
const SETTLE_MS = 3000;

/**
 * Starts that a daemon did not live to finish. It says `created` of such a container, and whether the program runs it does not know:
 * its processes are looked for instead.
 */
export class LostStarts {
  /** Executions that looked so, and since when. */
  private readonly known = new WeakMap<Execution, number>();

  /** @param seesProcesses whether programs in containers are processes that this runner can look at. */
  constructor(private readonly seesProcesses: boolean) {}

  judge(execution: Execution, containerId: string): Observation {
    if (!this.hasSettled(execution)) return { kind: 'held' };
    if (!this.seesProcesses) return { kind: 'orphaned', evidence: text('docker.lostStartUnseen') };
    // A seal ends that, and then it is proven that nothing began.
    if (isUnbegun(containerId)) return { kind: 'held' };
    const count = processesOf(containerId).length;
    if (count > 0) return { kind: 'orphaned', evidence: text('docker.lostStart', { count }) };
    return { kind: 'dead', evidence: text('docker.lostStartEnded') };
  }

  /** Ends what the runtime holds ready, before it can begin. @returns whether that is proven to be all there was. */
  async undo(execution: Execution, containerId: string): Promise<boolean> {
    if (!this.seesProcesses || !this.hasSettled(execution) || !(await killUnbegun(containerId))) return false;
    await removeTrace(execution.folder);
    return true;
  }

  /** Ends a program that Docker lost sight of. */
  end(containerId: string): void {
    if (this.seesProcesses) killProcesses(containerId);
  }

  private hasSettled(execution: Execution): boolean {
    const since = this.known.get(execution) ?? performance.now();
    this.known.set(execution, since);
    return performance.now() - since >= SETTLE_MS;
  }
}
