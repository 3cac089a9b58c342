import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Assignment, Execution, Executor } from './executor';

const TRIAL_MS = 15_000;
/** A shell that does not pass on what it was given is found out at the start and not by somebody's file name. */
const TRIAL_WORD = String.fromCodePoint(...Array.from({ length: 0x2ff }, (_, index) => index + 1), 0x65e5, 0x1f52c);

/**
 * Runs a program that writes one word with all kinds of characters.
 * @param runsRoot where control files of runs are.
 * @throws an error that says what was seen instead.
 */
export async function tryExecutor(executor: Executor, runsRoot: string): Promise<void> {
  const folder = await mkdtemp(join(runsRoot, '.trial-'));
  try {
    await tryIn(executor, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryIn(executor: Executor, folder: string): Promise<void> {
  const assignment = trialIn(folder);
  const held = await executor.prepare(assignment);
  await held.go();
  const execution: Execution = { ...assignment, engine: executor.engine, handle: held.handle };
  await executor.change(execution, AbortSignal.timeout(TRIAL_MS));
  const seen = await executor.observe(execution);
  await executor.sweep(execution);
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  if (seen.kind !== 'ended' || seen.exitCode !== 0) throw new Error(`a trial program: ${log || JSON.stringify(seen)}`);
  if (log !== TRIAL_WORD) throw new Error('/bin/sh does not pass on words as they are');
}

function trialIn(folder: string): Assignment {
  const argv = ['/bin/sh', '-c', 'printf %s "$1"', 'sh', TRIAL_WORD];
  const places = { folder, cwd: folder, projectFolder: folder, pipelineFolder: folder };
  const needs = { cpu: 1000, memory: 64, gpus: 0 };
  const runtime = { kind: 'process', command: argv, env: {} } as const;
  // A number of its own for each process: several runners may start at the same time.
  const attempt = process.pid;
  return { ...places, runId: 0, attempt, runtime, argv, inputs: [], env: {}, needs, limits: {}, gpuIds: [], timeLimitSeconds: 60 };
}
