import { ENGINES } from '../pipelines/runtime';
import type { Capacity } from '../queue/choose-runs';
import type { Limits } from '../queue/run-limits';
import type { Run } from '../queue/run.entity';
import type { QueueHold, RunnerStanding } from '../queue/runners.repository';

/** Everything that decides when a waiting run starts, as it was at one moment. */
export interface Situation {
  /** By the database's clock. */
  nowMs: number;
  /** Runs that wait for a place: the first of the line, and the oldest of each person and pipeline. */
  queued: readonly Run[];
  /** Whether more wait than these. */
  moreQueued: boolean;
  held: readonly Run[];
  /** All that were ever seen, dead ones among them. */
  runners: readonly RunnerStanding[];
  limits: Limits;
  /** The last turn of each person who has had one; the longer ago, the lower. */
  turns: ReadonlyMap<string, number>;
  /** Nothing new starts; null: the queue moves. */
  hold: QueueHold | null;
  /** Seconds that successful runs of a pipeline usually took, for those that have any. */
  typicalSeconds: ReadonlyMap<string, number>;
}

/** A runner that has room for everything: what it would choose is the order in which people take turns. */
export const ENDLESS: Capacity = {
  name: '',
  engines: ENGINES,
  slots: Infinity,
  remoteSlots: Infinity,
  cpu: Infinity,
  memory: Infinity,
  gpuIds: [],
};

/** Whether a runner has ended because it was told to finish what it had. */
export function isDrained({ isAlive, stopped, mode }: RunnerStanding): boolean {
  return !isAlive && stopped && mode === 'draining';
}

/** Whether a runner takes runs at the moment. */
export function takesRuns({ isAlive, mode, trouble }: RunnerStanding): boolean {
  return isAlive && mode === 'active' && trouble === null;
}
