import type { RunHandle } from '../../common/queue/run.entity';

/** What is to be run, ready to be handed to an executor. */
export interface Assignment {
  runId: number;
  attempt: number;
  /** Absolute folder of the control files of this attempt; it exists and is empty. */
  folder: string;
  /** Command and arguments, byte for byte; never seen by a shell. */
  argv: string[];
  /** Working folder: where results go. */
  cwd: string;
  /** Environment variables beside those that every program inherits. */
  env: Record<string, string>;
}

/** A program that is complete but held: nothing of it has run. */
export interface HeldProgram {
  handle: RunHandle;
  /** Lets it go. Only after `authorise` has committed. */
  go(): Promise<void>;
  /** Lets it vanish without having run; harmless after `go`. */
  discard(): Promise<void>;
}

/** One attempt of a run, as far as it exists outside the database. `handle` is null while nothing was authorised. */
export interface Execution {
  runId: number;
  attempt: number;
  folder: string;
  handle: RunHandle | null;
}

/** What can be seen of an execution. Only `ended` and `dead` are proofs that nothing of it runs any more. */
export type Observation =
  /** The program runs and its end will be recorded. */
  | { kind: 'running' }
  /** Prepared, not begun; whether it will begin is open until it is sealed. */
  | { kind: 'held' }
  /** The exit record of this attempt; `asked`: it was asked to stop before it ended. */
  | { kind: 'ended'; exitCode: number; asked: boolean }
  /** Nothing of it exists and the start-once marker shows that it never began. */
  | { kind: 'never_began' }
  /** The program runs, but what would have recorded its end is gone. */
  | { kind: 'orphaned'; evidence: string }
  /** It began, nothing of it runs, and it left no record. */
  | { kind: 'dead'; evidence: string }
  /** It lives where this runner cannot look. */
  | { kind: 'elsewhere'; evidence: string };

/** The program could not even be prepared, and trying again cannot help: a bad argument, a missing working folder. */
export class PrepareError extends Error {}

/**
 * One way to run programs: local processes, containers, a cluster. Everything is found again by `Execution` alone, so that a runner
 * can be replaced at any moment. Methods are idempotent; they throw only what is wrong with this machine (disk, limits).
 */
export abstract class Executor {
  abstract readonly kind: RunHandle['kind'];

  /** Runs a trial program. @throws StartupError when this machine cannot run any. */
  abstract check(): Promise<void>;

  /** @throws PrepareError when this assignment can never work. */
  abstract prepare(assignment: Assignment): Promise<HeldProgram>;

  abstract observe(execution: Execution): Promise<Observation>;

  /** Resolves when the program is neither held nor running any more, or `signal` fires; rejects never. */
  abstract change(execution: Execution, signal: AbortSignal): Promise<void>;

  /** Forbids the start of this attempt for ever. @returns false when it had begun. */
  abstract seal(execution: Execution): Promise<boolean>;

  /** Asks the whole tree to end, and after `graceMs` ends it. Resolves when nothing of it is left. */
  abstract stop(execution: Execution, graceMs: number): Promise<void>;

  /** Removes what an ended program left running, and waits for the end of its log. @returns how many processes were removed. */
  abstract sweep(execution: Execution): Promise<number>;
}
