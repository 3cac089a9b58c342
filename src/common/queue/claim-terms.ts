import { NOW_MS, type Dialect } from '../database/dialect';
import type { Engine } from '../pipelines/runtime';
import { isRemote, type Candidate, type Capacity, type Choice } from './choose-runs';
import { wordsOf, type Row } from './run-row';
import type { Values } from './sql-queue-store';

/** What both databases say alike when runs are claimed. */

/** A runner that has been silent for longer does not count when it is decided who saves room for a run. */
const SILENT_MS = 60_000;
/** More claims at once than any runner has places. */
const TURNS_A_CLAIM = 100_000;

/**
 * Whether the runner could ever take a queued run. What it could not must not hide what stands behind it; such runs are passed over one
 * by one, and how many there can be is bounded by MAX_WAITING_PER_PERSON.
 */
export const WITHIN_REACH = `(INSTR(:remoteEngines, engine) > 0
      OR (INSTR(:localEngines, engine) > 0 AND need_cpu <= :cpu AND need_memory <= :memory AND need_gpus <= :gpus))`;

/** The values of `WITHIN_REACH`. */
export function reachOf({ engines, slots, remoteSlots, cpu, memory, gpuIds }: Capacity): Values {
  const listOf = (places: number, isWanted: (engine: Engine) => boolean) => (places > 0 ? engines.filter(isWanted).join(',') : '');
  return {
    localEngines: listOf(slots, (engine) => !isRemote(engine)),
    remoteEngines: listOf(remoteSlots, isRemote),
    cpu,
    memory,
    gpus: gpuIds.length,
  };
}

/** Columns of a runner as far as its capacity goes. */
export const CAPACITY_COLUMNS = 'name, slots, remote_slots, cpu, memory, gpu_ids, engines';

/** The condition that a runner takes runs now. */
export function isTaking(dialect: Dialect): string {
  return `stopped = 0 AND mode = 'active' AND trouble IS NULL AND beat_ms >= ${NOW_MS[dialect]} - ${SILENT_MS}`;
}

/** The capacity that a row of `CAPACITY_COLUMNS` stands for. */
export function toCapacity(row: Row): Capacity {
  return {
    name: row['name'] as string,
    engines: wordsOf(row['engines'] as string) as Engine[],
    slots: Number(row['slots']),
    remoteSlots: Number(row['remote_slots']),
    cpu: Number(row['cpu']),
    memory: Number(row['memory']),
    gpuIds: wordsOf(row['gpu_ids'] as string),
  };
}

/** The turn that each owner has after a claim, by its last run in it. @param gate the version that this claim makes. */
export function turnsOf(choices: readonly Choice<Candidate>[], gate: number): Map<string, number> {
  return new Map(choices.map(({ candidate }, index) => [candidate.ownerId, gate * TURNS_A_CLAIM + index]));
}
