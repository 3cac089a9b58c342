import { ENGINES } from '../../common/pipelines/runtime';
import { chooseRuns } from '../../common/queue/choose-runs';
import type { AliveRunner } from '../../common/queue/queue-figures.repository';
import type { Run } from '../../common/queue/run.entity';
import { toCandidateOf, toShareOf } from '../../common/queue/run-row';
import { text } from '../../locales/text';

type Place = Pick<AliveRunner, 'name' | 'slots'>;

/** What the sentence of a waiting run depends on. */
export interface Line {
  /** Runs by number, as they would be chosen if all of them found a place one after the other. */
  positions: Map<number, number>;
  /** Held runs by pipeline. */
  heldByPipeline: Map<string, number>;
  alive: readonly Place[];
  slots: number;
  /** Places that nobody has, of all living runners. */
  free: number;
}

/**
 * The order in which queued runs start, by the very choice that runners make.
 * @param queued the runs that may start first, as many as are worth a position.
 * @param held runs that take a place now.
 */
export function lineUp(queued: readonly Run[], held: readonly Run[], alive: readonly Place[]): Line {
  // A run that a limit holds back, or for which no runner has room, keeps its position; its sentence tells of that.
  const unlimited = queued.map((run) => ({ ...toCandidateOf(run), pipelineLimit: null }));
  const endless = { name: '', engines: ENGINES, slots: Infinity, remoteSlots: Infinity, cpu: Infinity, memory: Infinity, gpuIds: [] };
  const shares = held.map(toShareOf);
  const order = chooseRuns(
    unlimited.map((run) => ({ ...run, gpus: 0 })),
    shares,
    endless,
    queued.length,
  );
  const slots = alive.reduce((sum, runner) => sum + runner.slots, 0);
  const names = new Set(alive.map((runner) => runner.name));
  const taken = held.filter((run) => run.runnerName !== null && names.has(run.runnerName)).length;
  const heldByPipeline = new Map<string, number>();
  for (const run of held) heldByPipeline.set(run.pipelineId, (heldByPipeline.get(run.pipelineId) ?? 0) + 1);
  return {
    positions: new Map(order.map(({ candidate }, index) => [candidate.id, index + 1])),
    heldByPipeline,
    alive,
    slots,
    free: Math.max(0, slots - taken),
  };
}

/** One true sentence about a queued run: its position and what it waits for. */
export function sentenceOfQueued(run: Run, line: Line): string {
  const position = line.positions.get(run.id);
  if (position === undefined) return text('queue.sentenceFarBehind', { count: line.positions.size });
  const [first, ...others] = line.alive;
  if (!first) return text('queue.sentenceNoRunner', { position });
  const limit = run.pipelineLimit;
  if (limit !== null && (line.heldByPipeline.get(run.pipelineId) ?? 0) >= limit)
    return text(limit === 1 ? 'queue.sentenceLimitOne' : 'queue.sentenceLimit', { position, limit });
  if (position <= line.free) return text('queue.sentenceSoon', { position });
  const { slots } = line;
  if (others.length > 0) return text('queue.sentenceAllPlaces', { position, slots });
  return text(slots === 1 ? 'queue.sentenceOnePlace' : 'queue.sentencePlaces', { position, slots, runner: first.name });
}
