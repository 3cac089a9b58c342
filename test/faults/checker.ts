import { isAllowedMove, isFinal } from '../../src/common/queue/run-state';
import type { Run, RunEvent } from '../../src/common/queue/run.entity';
import type { Job } from './jobs';
import type { Journal } from './journal';

/** A run whose number was given to whoever submitted it. */
export interface AcceptedRun {
  runId: number;
  job: Job;
  /** Whether a cancel was asked for, whatever came of it. */
  cancelAsked: boolean;
}

/** All that can be known of a campaign when it is over. */
export interface CampaignEvidence {
  accepted: readonly AcceptedRun[];
  runs: readonly Run[];
  events: readonly RunEvent[];
  journal: Journal;
  /**
   * Runs whose proof of their end the campaign destroyed on purpose (it killed the supervisor, switched the machine off), with what it
   * did. Only these may end `lost`, or as killed from outside, although their program did not fail.
   */
  destroyed: ReadonlyMap<number, string>;
  /** What still runs of the programs, in words. */
  survivors: readonly string[];
}

/** Claims given back without a start, after which a run ends `failed`: the work of many deaths, and told as such. */
const MOST_START_FAILURES = 5;

/** What Docker tells of a container that it finds dead after a restart of the machine, however its program had ended. */
const FOUND_DEAD = 255;

/** Every broken promise as a sentence; an empty list is the aim. */
export function findFaults(evidence: CampaignEvidence): string[] {
  const { accepted, runs, events, survivors } = evidence;
  const known = new Map(runs.map((run) => [run.id, run]));
  const histories = Map.groupBy(events, ({ runId }) => runId);
  const faults: string[] = [];
  for (const one of accepted) {
    const run = known.get(one.runId);
    if (!run) faults.push(`run ${one.runId} was accepted and has no row`);
    else faults.push(...stuck(run), ...startedTwice(run, one.job, evidence.journal), ...wrongEnd(run, one, evidence));
  }
  for (const run of runs) faults.push(...badHistory(run, histories.get(run.id) ?? []));
  return [...faults, ...survivors.map((one) => `still alive: ${one}`)];
}

function stuck({ id, state, note, runnerName }: Run): string[] {
  if (!isFinal(state) && state !== 'unknown') return [`run ${id} is still ${state} (${runnerName})`];
  if ((state === 'unknown' || state === 'lost' || state === 'timed_out' || state === 'failed') && !note) {
    return [`run ${id} is ${state} without a sentence`];
  }
  return [];
}

function startedTwice({ id, maxStarts, starts: counted }: Run, { key }: Job, journal: Journal): string[] {
  const attempts = journal.of(key, 'start').map(({ attempt }) => attempt);
  const list = attempts.join(', ');
  const faults: string[] = [];
  if (attempts.length > maxStarts) faults.push(`run ${id} started ${attempts.length} times, allowed are ${maxStarts}: attempts ${list}`);
  if (new Set(attempts).size < attempts.length) faults.push(`an attempt of run ${id} started twice: attempts ${list}`);
  if (attempts.length > counted) faults.push(`run ${id} started ${attempts.length} times, and ${counted} are written down`);
  if (journal.of(key, 'overlap').length > 0) faults.push(`two attempts of run ${id} were alive at once`);
  return faults;
}

/** Compares the final state with what the program itself wrote down last. */
function wrongEnd(run: Run, { job, cancelAsked }: AcceptedRun, { journal, destroyed }: CampaignEvidence): string[] {
  const { id, state, exitCode, note } = run;
  const started = journal.of(job.key, 'start').some(({ attempt }) => attempt === run.attempt);
  const end = journal.endOf(job.key, run.attempt);
  const fault = (why: string) => [`run ${id} (${job.kind}) is ${state}, exit ${exitCode}, "${note}": ${why}`];
  const hurt = destroyed.get(id);
  switch (state) {
    case 'succeeded':
      if (job.kind === 'failing' || job.kind === 'slow' || exitCode !== 0) return fault('its program was to end otherwise');
      return started && end?.code === 0 ? [] : fault('its program wrote no good end');
    case 'failed':
      if (run.startFailures >= MOST_START_FAILURES && !started) return [];
      if (end && end.code !== 0 && end.code === exitCode) return [];
      // Ended from outside between its last word and its record: no status is claimed then.
      if (hurt && (end?.code !== 0 || exitCode === FOUND_DEAD || exitCode === null)) return [];
      return fault(end ? `its program ended ${end.code}` : 'its program wrote no bad end');
    case 'cancelled':
      return cancelAsked ? [] : fault('nobody asked for a cancel');
    case 'timed_out':
      return job.kind === 'slow' && !end ? [] : fault('it had time enough');
    case 'lost':
    case 'unknown':
      return hurt ? [] : fault('nobody destroyed its evidence');
    case 'partial':
      return fault('its pipeline knows no such end');
    case 'scheduled':
    case 'queued':
    case 'starting':
    case 'running':
    case 'stopping':
      return [];
  }
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
