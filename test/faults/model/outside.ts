import type { Engine } from '../../../src/common/pipelines/runtime';

/**
 * An attempt in the world outside the database. `object` is what an engine was given: a supervisor that waits on its pipe, a container that
 * was created, a job that was submitted held, a request laid into a launcher's folder. Its marker is made once, either by the program as
 * its first act or by whoever seals the attempt.
 */
export interface Attempt {
  object: 'none' | 'held' | 'released' | 'gone';
  marker: 'none' | 'begun' | 'sealed';
  begun: number;
  alive: boolean;
  record: 'none' | 'good' | 'bad';
}

/** What the start protocols of the engines have not in common. */
export interface EngineRules {
  /** A pipe ends with the process that holds it. */
  heldDiesWithRunner: boolean;
  /** Containers, jobs and requests are still there when the machine comes back; processes are not. */
  survivesRestart: boolean;
  /** `docker start` on what has ended, a job that is requeued, a launcher that finds a request again. */
  mayStartAgain: boolean;
  /** The answer to "prepare" may be lost although it was carried out: a controller that times out after accepting. */
  losesAnswers: boolean;
  /** What was never begun can be taken away from it, so that it will not begin either: `rm` without force, `scancel`, a rename. */
  givesBack: boolean;
}

export const ENGINE_RULES: Record<Engine, EngineRules> = {
  process: { heldDiesWithRunner: true, survivesRestart: false, mayStartAgain: false, losesAnswers: false, givesBack: false },
  docker: { heldDiesWithRunner: false, survivesRestart: true, mayStartAgain: true, losesAnswers: true, givesBack: true },
  handoff: { heldDiesWithRunner: false, survivesRestart: true, mayStartAgain: true, losesAnswers: false, givesBack: true },
  slurm: { heldDiesWithRunner: false, survivesRestart: true, mayStartAgain: true, losesAnswers: true, givesBack: true },
};

/** How an engine, or the use that is made of it, may be broken on purpose. */
export type OutsideFlaw = 'startWithoutMarker';

export function newAttempt(): Attempt {
  return { object: 'none', marker: 'none', begun: 0, alive: false, record: 'none' };
}

export interface OutsideStep {
  name: string;
  change: (attempt: Attempt) => void;
}

/** All that can happen to an attempt without any runner. */
export function outsideSteps(attempt: Attempt, { mayStartAgain }: EngineRules, startsWithoutMarker: boolean): OutsideStep[] {
  const steps: OutsideStep[] = [];
  if (attempt.alive) {
    for (const record of ['good', 'bad', 'none'] as const) {
      steps.push({ name: `ends: ${record}`, change: (next) => Object.assign(next, { alive: false, record }) });
    }
  }
  const isFirst = attempt.object === 'released' && attempt.begun === 0;
  if (startsWithoutMarker && (isFirst || (mayStartAgain && attempt.object === 'released' && !attempt.alive && attempt.begun === 1))) {
    steps.push({ name: 'begins', change: begin });
  }
  // The program makes the marker as its first act, and ends at once where there is one: so starting it again changes nothing.
  if (!startsWithoutMarker && isFirst) {
    const change = (next: Attempt) => (next.marker === 'none' ? begin(next) : Object.assign(next, { object: 'gone' }));
    steps.push({ name: attempt.marker === 'none' ? 'begins' : 'finds the marker and ends', change });
  }
  return steps;
}

function begin(attempt: Attempt): void {
  if (attempt.marker === 'none') attempt.marker = 'begun';
  Object.assign(attempt, { begun: attempt.begun + 1, alive: true, record: 'none' });
}

/** The machine is switched off and comes back. */
export function restart(attempt: Attempt, { survivesRestart }: EngineRules): void {
  attempt.alive = false;
  if (!survivesRestart && attempt.object !== 'none') attempt.object = 'gone';
}
