import { randomUUID } from 'node:crypto';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import type { Engine } from '../common/pipelines/runtime';
import { isRemote, type Capacity } from '../common/queue/choose-runs';
import { Quotas } from '../common/quotas/quotas';
import type { RunnerIdentity } from '../common/queue/queue-store';
import type { Limits } from '../common/queue/run-limits';
import { Executors } from './executors/executors';
import { readBootId } from './executors/process-table';

const MIB = 1024 * 1024;

/** Who this process is to the queue and to other runners. */
@Injectable()
export class RunnerSelf implements RunnerIdentity {
  readonly name: string;
  readonly incarnation = randomUUID();
  readonly host = hostname();
  readonly bootId: string;
  readonly engines: Engine[];
  readonly slots: number;
  readonly remoteSlots: number;
  readonly cpu: number;
  readonly memory: number;
  readonly gpuIds: string[];
  /** Between two signs of life. */
  readonly beatMs: number;
  /** Silence after which this process takes over what another one had. */
  readonly staleSeconds: number;
  pokeAddress: string | null = null;

  constructor(
    { settings, testBootId }: AppConfig,
    private readonly executors: Executors,
    private readonly quotas: Quotas,
  ) {
    this.bootId = testBootId ?? readBootId();
    this.engines = executors.engines;
    this.remoteSlots = executors.engines.some(isRemote) ? settings.RUNNER_REMOTE_SLOTS : 0;
    this.cpu = Math.round((settings.RUNNER_CPUS ?? Math.max(availableParallelism(), settings.RUNNER_SLOTS)) * 1000);
    this.memory = Math.floor((settings.RUNNER_MEMORY ?? totalmem()) / MIB);
    this.gpuIds = settings.RUNNER_GPUS;
    this.name = settings.RUNNER_NAME;
    this.slots = settings.RUNNER_SLOTS;
    this.beatMs = settings.RUNNER_BEAT * 1000;
    this.staleSeconds = settings.RUNNER_STALE;
  }

  /** How many runs of one person may run at once, as it is said now. */
  limits(): Promise<Limits> {
    return this.quotas.runLimits();
  }

  /** What it can take at this moment: nothing for an engine that does not answer. */
  get takesNow(): Capacity & Pick<RunnerIdentity, 'incarnation'> {
    const { name, incarnation, bootId, slots, remoteSlots, cpu, memory, gpuIds } = this;
    return { name, incarnation, bootId, engines: this.executors.reachable, slots, remoteSlots, cpu, memory, gpuIds };
  }
}
