import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../../src/common/queue/run.entity';
import { startSlurm, type SlurmCluster } from '../../tools/slurm.mjs';
import { blame, heldRuns, type Stage } from '../stage';
import { EngineWorld, type Trouble } from './engine-world';
import { killMarked, markedProcesses } from './marked-processes';

const LOOKS_AFTER_MS = 3000;

/** Programs as jobs of a Slurm cluster of one node. */
export class SlurmWorld extends EngineWorld {
  readonly engine = 'slurm';
  override readonly settings: Record<string, string>;
  private readonly mark: string;
  private isOff = false;
  private readonly administrator: NodeJS.Timeout;

  private constructor(private readonly cluster: SlurmCluster) {
    super();
    this.settings = { ...cluster.environment, SLURM_POLL: '0.3s', SLURM_SILENCE: '6s', RUNNER_REMOTE_SLOTS: '4' };
    this.mark = `SLURM_CONF=${cluster.conf}`;
    // Slurm lets no more jobs onto a node that lost one in a way that it does not understand, until somebody says that it is well.
    this.administrator = setInterval(() => void this.cluster.resumeNode(), LOOKS_AFTER_MS).unref();
  }

  /** @param accounting socket of a MariaDB for slurmdbd; without one the cluster keeps no books. */
  static async open(accounting: string | undefined): Promise<SlurmWorld> {
    return new SlurmWorld(await startSlurm(accounting === undefined ? {} : { accounting: { socket: accounting } }));
  }

  override block(): Record<string, unknown> {
    return { slurm: {} };
  }

  troubles(stage: Stage): Trouble[] {
    return [
      { name: 'slurmctld killed', weight: 2, act: () => this.killController(stage) },
      { name: 'slurmd killed', weight: 2, act: () => this.killNode(stage) },
      { name: 'job cancelled by hand', weight: 0.7, act: () => this.cancelByHand(stage) },
    ];
  }

  /** But for munged, which has nothing to lose, and slurmdbd, whose books are kept elsewhere. */
  async switchOff({ mark }: Stage): Promise<void> {
    killMarked(mark);
    killMarked(this.mark, (command) => !/^(munged|slurmdbd) /.test(command));
    await this.cluster.stopController();
    await this.cluster.stopNode();
    this.isOff = true;
  }

  override async restore(): Promise<void> {
    if (!this.isOff) return;
    this.isOff = false;
    await Promise.all([this.cluster.startController(), this.cluster.startNode()]);
    await this.cluster.untilReady();
  }

  survivors(_stage: Stage, runs: readonly Run[]): Promise<string[]> {
    const unknown = new Set(runs.filter(({ state }) => state === 'unknown').map(({ id }) => id));
    const left = markedProcesses(this.mark).filter(
      ({ runId, isJob }) => isJob && (runId === null ? unknown.size === 0 : !unknown.has(runId)),
    );
    return Promise.resolve(left.map(({ pid, command, runId }) => `process ${pid} of run ${runId}: ${command}`));
  }

  override async explain(): Promise<string> {
    const jobs = await this.cluster.run('squeue', ['--states=all', '-o', '%i %j %T %r %M %S']);
    const node = await this.cluster.run('scontrol', ['show', 'node', '--oneliner']);
    return [jobs.stdout, jobs.stderr, node.stdout, node.stderr, this.cluster.words()].join('\n');
  }

  override close(): Promise<void> {
    clearInterval(this.administrator);
    return this.cluster.stop();
  }

  /** What it was told since it last wrote down its state it has forgotten when it comes back, and ends what it does not know. */
  private async killController(stage: Stage): Promise<boolean> {
    await this.blameHeld(stage, 'the controller of its cluster was killed');
    await this.cluster.stopController();
    // Submitted in its last moment.
    await this.blameHeld(stage, 'the controller of its cluster was killed');
    await sleep(stage.random.between(0, 1500));
    await this.cluster.startController();
    return true;
  }

  /** For less time than after which the cluster gives a node up. What is sent to it meanwhile is lost as well. */
  private async killNode(stage: Stage): Promise<boolean> {
    await this.cluster.stopNode();
    await this.blameHeld(stage, 'the daemon of its node was killed');
    await sleep(stage.random.between(0, 1000));
    await this.cluster.startNode();
    await this.blameHeld(stage, 'the daemon of its node was away');
    return true;
  }

  private async blameHeld(stage: Stage, deed: string): Promise<void> {
    for (const { id } of await heldRuns(stage)) blame(stage, id, deed);
  }

  private async cancelByHand(stage: Stage): Promise<boolean> {
    const run = stage.random.pick((await heldRuns(stage)).filter(({ handle }) => handle?.kind === 'slurm'));
    if (run?.handle?.kind !== 'slurm') return false;
    blame(stage, run.id, 'its job was cancelled by hand');
    // By its name: until this arrives its number may be another job's.
    await this.cluster.run('scancel', [`--name=${run.handle.name}`]);
    return true;
  }
}
