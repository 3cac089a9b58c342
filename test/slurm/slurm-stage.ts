import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/common/pipelines/manifest';
import type { SlurmRuntime } from '../../src/common/pipelines/runtime';
import type { NewRun } from '../../src/common/queue/queue-store';
import type { SlurmHandle } from '../../src/common/queue/run-handle';
import type { Run } from '../../src/common/queue/run.entity';
import type { SlurmCluster } from '../tools/slurm.mjs';
import { RunnerWorld } from '../runner-world';
import { until } from '../until';

/** Tells where it is and waits for its end, so that a test decides how long it runs; its end says 7. */
export const WAIT_FOR_FILE = 'echo start >> life; while [ ! -e end ]; do sleep 0.05; done; echo end >> life; echo said; exit 7';

/** Times short enough for a test. */
export const QUICK_SLURM = { RUNNER_ENGINES: 'slurm', SLURM_POLL: '0.3s', SLURM_SILENCE: '6s', RUNNER_REMOTE_SLOTS: '20' };

/** The runtime of a shell script as a job. */
export function slurmRuntime(script: string, over: Partial<SlurmRuntime> = {}): SlurmRuntime {
  const command = ['/bin/sh', '-c', script];
  const places = { partition: null, account: null, qos: null, constraint: null, time: null };
  return { kind: 'slurm', command, env: {}, options: [], ...places, ...over };
}

/** The handle of a job. @throws when it is none. */
export function slurmHandle({ handle }: Pick<Run, 'handle'>): SlurmHandle {
  if (handle?.kind !== 'slurm') throw new Error(`not a job: ${JSON.stringify(handle)}`);
  return handle;
}

/** Runs on a real cluster. */
export class SlurmStage {
  private constructor(
    readonly cluster: SlurmCluster,
    readonly world: RunnerWorld,
  ) {}

  static async open(cluster: SlurmCluster, settings: Record<string, string> = {}): Promise<SlurmStage> {
    return new SlurmStage(cluster, await RunnerWorld.open({ ...QUICK_SLURM, ...cluster.environment, ...settings }));
  }

  close(): Promise<void> {
    return this.world.close();
  }

  run(script: string, runtime: Partial<SlurmRuntime> = {}, manifest: Partial<Manifest> = {}, over: Partial<NewRun> = {}): Promise<number> {
    return this.world.run(script, { runtime: slurmRuntime(script, runtime), ...manifest }, { engine: 'slurm', ...over });
  }

  life(id: number): string {
    const path = this.world.results(id, 'life');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  letEnd(id: number): void {
    writeFileSync(this.world.results(id, 'end'), '');
  }

  /** Waits until the program itself has said that it runs. */
  async untilBegun(id: number): Promise<Run> {
    await until(() => this.life(id).startsWith('start'), 20_000);
    return this.world.untilState(id, 'running');
  }

  async untilEngineNote(id: number, words: string | RegExp): Promise<Run> {
    let run = await this.world.find(id);
    await until(async () => new RegExp(words).test((run = await this.world.find(id)).engineNote ?? ''), 20_000).catch(() => {
      throw new Error(`run ${id} is ${run.state} and says: ${run.engineNote} / ${run.note}`);
    });
    return run;
  }

  /** What the cluster says of the job of a run: its state and reason; '' when it does not know it. */
  async said(run: Pick<Run, 'handle'>): Promise<string> {
    const { stdout } = await this.cluster.run('squeue', ['-h', '--states=all', `--name=${slurmHandle(run).name}`, '-o', '%T %r']);
    return stdout.trim();
  }

  /** Gives the whole cluster to somebody else's job, so that nothing of ours can begin. @returns what ends it. */
  occupy(): Promise<() => Promise<void>> {
    return this.occupyCpus(8);
  }

  /** As `occupy`, beside one run. */
  occupyRest(): Promise<() => Promise<void>> {
    return this.occupyCpus(7);
  }

  /** Waits until slurmctld has written the job of a run down: what it has not is gone when it is killed. */
  async untilSaved(run: Pick<Run, 'handle'>): Promise<void> {
    const file = join(this.cluster.folder, 'state', 'job_state');
    const { name } = slurmHandle(run);
    await until(() => existsSync(file) && readFileSync(file).includes(name), 25_000);
  }

  /** Ends what `occupy` began. */
  async freeAll(): Promise<void> {
    await this.cluster.run('scancel', ['--name=occupy']);
  }

  private async occupyCpus(cpus: number): Promise<() => Promise<void>> {
    const words = ['--parsable', '-c', String(cpus), '-t', '10', '-o', '/dev/null', '-J', 'occupy', '--wrap', 'sleep 600'];
    const id = (await this.cluster.run('sbatch', words)).stdout.trim();
    await until(async () => (await this.cluster.run('squeue', ['-h', '-j', id, '-o', '%T'])).stdout.includes('RUNNING'), 20_000);
    return async () => {
      await this.cluster.run('scancel', [id]);
    };
  }
}
