import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SafeDirectory } from '../../common/files/safe-directory';
import { writtenPaths } from '../../common/pipelines/argument-files/written-paths';
import type { Manifest } from '../../common/pipelines/manifest';
import type { Ending } from '../../common/queue/queue-store';
import { settleEnding } from '../../common/queue/settle-ending';
import {
  MissingImageError,
  PrepareError,
  type Assignment,
  type Execution,
  type Executor,
  type Observation,
} from '../../runner/executors/executor';
import { judgeRun } from '../../runner/outcome/judge-run';
import { missingFiles } from '../../runner/result-check';

/** How the program of a sample ended. */
export interface SampleEnd {
  ending: Pick<Ending, 'state' | 'note'>;
  log: string;
}

const GRACE_MS = 5000;
const LOOK_MS = 20;
/** Longer timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Enough to look for a line in. */
const MOST_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Carries an assignment out as a runner does: held, let go, followed, swept, and weighed by the outcome rule of its pipeline.
 * @param stop ends the program.
 * @throws MissingImageError where its image is not here.
 */
export async function runProgram(executor: Executor, assignment: Assignment, manifest: Manifest, stop: AbortSignal): Promise<SampleEnd> {
  let execution: Execution;
  try {
    const held = await executor.prepare(assignment);
    execution = { ...assignment, engine: executor.engine, handle: held.handle };
    await held.go();
  } catch (error) {
    if (error instanceof PrepareError && !(error instanceof MissingImageError))
      return { ending: { state: 'failed', note: error.message }, log: '' };
    throw error;
  }
  const over = new AbortController();
  const log = executor.keepLog(execution, over.signal).catch(() => undefined);
  try {
    const { seen, timedOut } = await follow(executor, execution, assignment.timeLimitSeconds, stop);
    await executor.sweep(execution);
    over.abort();
    await log;
    return { ending: await weigh(seen, timedOut, assignment, manifest), log: await readLog(assignment.folder) };
  } catch (error) {
    // It outlives this process otherwise.
    await executor.stop(execution, 0);
    throw error;
  } finally {
    over.abort();
    await executor.forget(execution);
  }
}

type End = Extract<Observation, { kind: 'ended' | 'dead' }>;

/** Waits for the end; brings it about when the time limit is reached or somebody interrupts. */
async function follow(executor: Executor, execution: Execution, seconds: number, stop: AbortSignal) {
  const deadline = performance.now() + seconds * 1000;
  let timedOut = false;
  for (;;) {
    const seen = await executor.observe(execution);
    if (isEnd(seen)) return { seen, timedOut };
    const left = deadline - performance.now();
    if (stop.aborted || left <= 0) {
      timedOut = !stop.aborted;
      await executor.stop(execution, GRACE_MS);
      const last = await executor.observe(execution);
      return { seen: isEnd(last) ? last : ({ kind: 'dead', evidence: 'It was ended.' } as const), timedOut };
    }
    await executor.change(execution, AbortSignal.any([stop, AbortSignal.timeout(Math.min(Math.ceil(left), LONGEST_TIMER_MS))]));
    // What is neither running nor over is looked at again in a moment.
    await sleep(LOOK_MS);
  }
}

function isEnd(seen: Observation): seen is End {
  return seen.kind === 'ended' || seen.kind === 'dead';
}

async function weigh(
  seen: End,
  timedOut: boolean,
  { cwd, folder }: Assignment,
  manifest: Manifest,
): Promise<Pick<Ending, 'state' | 'note'>> {
  if (seen.kind === 'dead') return { state: timedOut ? 'timed_out' : 'lost', note: seen.evidence };
  const { outcome } = manifest;
  return settleEnding({
    exitCode: seen.exitCode,
    signal: null,
    stopReason: timedOut ? 'time_limit' : null,
    endedBeforeStop: !seen.asked,
    outcome,
    missingOutputs: await missingFiles(SafeDirectory.open(cwd), outcome.requiredOutputs, new Set(writtenPaths(manifest))),
    cause: seen.cause ?? null,
    causeNote: seen.note ?? null,
    completed: seen.completed ?? false,
    parts: await judgeRun(manifest, SafeDirectory.open(folder), SafeDirectory.open(cwd)),
  });
}

async function readLog(folder: string): Promise<string> {
  const bytes = await readFile(join(folder, 'log')).catch(() => Buffer.alloc(0));
  return bytes.subarray(-MOST_LOG_BYTES).toString('utf8');
}
