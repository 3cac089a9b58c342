import { isAllowedMove, isFinal } from '../../src/common/queue/run-state';
import type { Run, RunEvent } from '../../src/common/queue/run.entity';

/** What the programs themselves wrote: `start <run> <attempt>` and `end <run> <attempt>`, a line each. */
export interface Journal {
  starts: string[];
  ends: string[];
}

export function readJournal(text: string): Journal {
  const lines = text.split('\n').filter(Boolean);
  const of = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return { starts: of('start'), ends: of('end') };
}

/** Every broken promise as a sentence; an empty list is the aim. */
export function findFaults(accepted: readonly number[], runs: readonly Run[], events: readonly RunEvent[], journal: Journal): string[] {
  return [...vanished(accepted, runs), ...startedTwice(runs, journal), ...inconsistent(runs, journal), ...badHistories(runs, events)];
}

function vanished(accepted: readonly number[], runs: readonly Run[]): string[] {
  const known = new Set(runs.map(({ id }) => id));
  const without = accepted.filter((id) => !known.has(id)).map((id) => `run ${id} was accepted and has no row`);
  const open = runs.filter(({ state }) => !isFinal(state) && state !== 'unknown');
  const silent = runs.filter(({ state, note }) => (state === 'unknown' || state === 'lost') && !note);
  return [
    ...without,
    ...open.map(({ id, state, runnerName }) => `run ${id} is still ${state} (${runnerName})`),
    ...silent.map(({ id, state }) => `run ${id} is ${state} without evidence`),
  ];
}

function startedTwice(runs: readonly Run[], { starts }: Journal): string[] {
  return runs.flatMap(({ id, maxStarts, starts: counted }) => {
    const attempts = starts.filter((line) => line.startsWith(`${id} `));
    const faults: string[] = [];
    if (attempts.length > maxStarts) faults.push(`run ${id} started ${attempts.length} times: ${attempts.join(', ')}`);
    if (new Set(attempts).size < attempts.length) faults.push(`an attempt of run ${id} started twice: ${attempts.join(', ')}`);
    if (attempts.length > counted) faults.push(`run ${id} started ${attempts.length} times, and ${counted} are written down`);
    return faults;
  });
}

/**
 * The programs of the campaign always succeed, and nobody kills them or their supervisors. So nothing may be lost, and nothing may fail
 * but a run that never started because its runners died over it five times.
 */
function inconsistent(runs: readonly Run[], { starts, ends }: Journal): string[] {
  return runs.flatMap(({ id, state, note, startFailures }) => {
    const started = starts.filter((line) => line.startsWith(`${id} `)).length;
    const ended = ends.filter((line) => line.startsWith(`${id} `)).length;
    if (state === 'succeeded') return started === 1 && ended === 1 ? [] : [`run ${id} succeeded with ${started} starts and ${ended} ends`];
    if (state === 'failed' && startFailures >= 5 && started === 0) return [];
    return state === 'cancelled' ? [] : [`run ${id} is ${state}: ${note}`];
  });
}

function badHistories(runs: readonly Run[], events: readonly RunEvent[]): string[] {
  const histories = Map.groupBy(events, ({ runId }) => runId);
  return runs.flatMap((run) => badHistory(run, histories.get(run.id) ?? []));
}

function badHistory(run: Run, history: readonly RunEvent[]): string[] {
  const faults: string[] = [];
  let before: RunEvent | null = null;
  for (const event of history) {
    if (event.fromState !== (before?.toState ?? null)) faults.push(`run ${run.id}: an event is missing before ${event.toState}`);
    if (event.fromState && !isAllowedMove(event.fromState, event.toState))
      faults.push(`run ${run.id}: ${event.fromState} → ${event.toState}`);
    if (before && event.fence < before.fence) faults.push(`run ${run.id}: fence ${before.fence} → ${event.fence}`);
    if (before && event.attempt < before.attempt) faults.push(`run ${run.id}: attempt ${before.attempt} → ${event.attempt}`);
    if (event.starts > run.maxStarts) faults.push(`run ${run.id}: ${event.starts} starts`);
    before = event;
  }
  if (before?.toState !== run.state) faults.push(`run ${run.id}: the last event says ${before?.toState}, the row ${run.state}`);
  return faults;
}
