import type { Run } from '../../src/common/queue/run.entity';
import { isHeld } from '../../src/common/queue/run-state';
import type { RunnerWorld } from '../runner-world';
import type { AcceptedRun } from './checker';
import type { FakeClock } from './fake-clock';
import type { Journal } from './journal';
import type { Random } from './random';
import type { Seats } from './seats';
import type { WebSeat } from './web-seat';

/** Whatever may be harmed, and the book of what was done to it. */
export interface Stage {
  readonly world: RunnerWorld;
  /** For troubles; jobs are drawn from another one, so that a seed repeats them whatever the troubles do. */
  readonly random: Random;
  /** `NAME=value` that every process of the campaign carries. */
  readonly mark: string;
  readonly seats: Seats;
  readonly web: WebSeat | null;
  /** Null where the library for it is not installed. */
  readonly clock: FakeClock | null;
  /** Runs whose evidence was destroyed on purpose, with how. */
  readonly destroyed: Map<number, string>;
  readonly accepted: readonly AcceptedRun[];
  journal(): Journal;
}

/** Writes into the book that the evidence of a run is gone. The first deed counts. */
export function blame({ destroyed }: Stage, runId: number, deed: string): void {
  if (!destroyed.has(runId)) destroyed.set(runId, deed);
}

/** Runs that may have a program in the world just now. */
export async function heldRuns({ world }: Stage): Promise<Run[]> {
  return (await insist(() => world.runs())).filter(({ state }) => isHeld(state));
}

/** On a busy machine a web process takes seconds to come back, and may be killed again before it is there. */
const INSIST_FOR_MS = 180_000;

/** Repeats what fails because the database or the web process is away, as their users do. */
export async function insist<Result>(step: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (performance.now() - began > INSIST_FOR_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
