import type { Run } from '../../../src/common/queue/run.entity';
import { blame, heldRuns, type Stage } from '../stage';
import { EngineWorld, type Trouble } from './engine-world';
import { killExactly, killMarked, markedProcesses } from './marked-processes';

/** Programs as local processes. */
export class ProcessWorld extends EngineWorld {
  readonly engine = 'process';

  troubles(stage: Stage): Trouble[] {
    return [{ name: 'supervisor killed', weight: 2, act: () => this.killSupervisor(stage) }];
  }

  switchOff({ mark }: Stage): Promise<void> {
    killMarked(mark);
    return Promise.resolve();
  }

  survivors({ mark }: Stage, runs: readonly Run[]): Promise<string[]> {
    const unknown = new Set(runs.filter(({ state }) => state === 'unknown').map(({ id }) => id));
    const left = markedProcesses(mark).filter(({ runId }) => (runId === null ? unknown.size === 0 : !unknown.has(runId)));
    return Promise.resolve(left.map(({ pid, command, runId }) => `process ${pid} of run ${runId}: ${command}`));
  }

  /** Its program goes on without anybody who could record its end. */
  private async killSupervisor(stage: Stage): Promise<boolean> {
    const run = stage.random.pick((await heldRuns(stage)).filter(({ handle }) => handle?.kind === 'process'));
    if (run?.handle?.kind !== 'process') return false;
    blame(stage, run.id, 'its supervisor was killed');
    return killExactly(run.handle);
  }
}
