import type { Engine, Runtime } from '../../common/pipelines/runtime';
import type { ProgramLimits, SameImage } from '../../common/pipelines/manifest';
import type { Demand } from '../../common/pipelines/needs';
import type { RunHandle } from '../../common/queue/run-handle';

/** What is to be run, ready to be handed to an executor. */
export interface Assignment {
  runId: number;
  attempt: number;
  /** Absolute folder of the control files of this attempt; it exists and is empty. */
  folder: string;
  runtime: Runtime;
  /** Absolute folder of the pipeline: what `./` means, and where a compose file lies. */
  pipelineFolder: string;
  /** Command and arguments, byte for byte; never seen by a shell. */
  argv: string[];
  /** Working folder: where results go. */
  cwd: string;
  /** Absolute folder of the project, which holds `cwd`. */
  projectFolder: string;
  /** Absolute paths of the input files, of the project or the inbox. */
  inputs: string[];
  /** Environment variables beside those that every program inherits. */
  env: Record<string, string>;
  /** What it may take of the machine. */
  needs: Demand;
  /** What else its pipeline limits. */
  limits: ProgramLimits;
  /** The GPUs of this machine that it was given. */
  gpuIds: string[];
  timeLimitSeconds: number;
  /** The only image in which it may run; absent: whichever has the name. */
  sameImage?: SameImage;
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
  engine: Engine;
  folder: string;
  handle: RunHandle | null;
}

/** Why a program ended, where its exit status alone does not tell. */
export type EndCause = 'outOfMemory' | 'timeLimit' | 'cpuLimit' | 'outputLimit' | 'nodeFailure' | 'stoppedOutside';

/** What can be seen of an execution. Only `ended` and `dead` are proofs that nothing of it runs any more. */
export type Observation =
  /** The program runs and its end will be recorded. */
  | { kind: 'running' }
  /** Let go, but its engine has not begun it: it waits in the queue of a cluster or for a launcher. Its time limit does not count yet. */
  | { kind: 'pending'; note: string }
  /** Prepared, not begun; whether it will begin is open until it is sealed. */
  | { kind: 'held' }
  /**
   * The exit record of this attempt; `asked`: it was asked to stop before it ended. The status is null where the engine tells none;
   * `completed` then: it came to its end by itself, as its own word for that says.
   */
  | { kind: 'ended'; exitCode: number | null; asked: boolean; cause?: EndCause; note?: string; completed?: boolean }
  /** Nothing of it exists and the start-once marker shows that it never began. */
  | { kind: 'never_began' }
  /** The program runs, but what would have recorded its end is gone; or its engine does not answer (`unseen`): it may run, or be over. */
  | { kind: 'orphaned'; evidence: string; unseen?: true }
  /** It began, nothing of it runs, and it left no record. */
  | { kind: 'dead'; evidence: string }
  /** It lives where this runner cannot look. */
  | { kind: 'elsewhere'; evidence: string };

/** The program could not even be prepared, and trying again cannot help: a bad argument, a missing working folder, an unknown image. */
export class PrepareError extends Error {}

/** What the program is made of is not on this machine; the program itself may be all right. */
export class MissingImageError extends PrepareError {}

/**
 * One way to run programs: local processes, containers, a cluster. Everything is found again by `Execution` alone, so that a runner
 * can be replaced at any moment. What an executor remembers besides it keeps by the object itself (or by its `handle`), of which
 * whoever follows a run has one: so it goes when nobody follows the run any more, whatever became of it. Methods are idempotent; they
 * throw only what is wrong with this machine or with the engine.
 */
export abstract class Executor {
  abstract readonly engine: Engine;

  /** False while the engine is known not to answer: nothing new is taken for it then. */
  get isReachable(): boolean {
    return true;
  }

  /** Whether the engine itself ends programs that are over their time limit, by a clock of its own and a little later than we would. */
  readonly keepsTime: boolean = false;

  /** Bytes that are free where the engine keeps what programs leave beside their results; infinite where nothing is known of that. Rejects never. */
  room(): Promise<number> {
    return Promise.resolve(Number.POSITIVE_INFINITY);
  }

  /** Runs a trial program. @throws StartupError when this machine cannot run any. */
  abstract check(): Promise<void>;

  /** @throws PrepareError when this assignment can never work. */
  abstract prepare(assignment: Assignment): Promise<HeldProgram>;

  abstract observe(execution: Execution): Promise<Observation>;

  /** Resolves when the program is neither held, pending nor running any more, what it waits for has changed, or `signal` fires; rejects never. */
  abstract change(execution: Execution, signal: AbortSignal): Promise<void>;

  /**
   * Brings the output into the file `log` of the folder, where the program does not write it there itself. Runs beside everything else
   * until `signal` fires; rejects never.
   */
  keepLog(_execution: Execution, _signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  /** Forbids the start of this attempt for ever. @returns false when it had begun. */
  abstract seal(execution: Execution): Promise<boolean>;

  /** Asks the whole tree to end, and after `graceMs` ends it. Resolves when nothing of it is left. */
  abstract stop(execution: Execution, graceMs: number): Promise<void>;

  /** Removes what an ended program left running, and waits for the end of its log. @returns how many processes were removed. */
  abstract sweep(execution: Execution): Promise<number>;

  /** Once for each ended attempt, after its end stands in the queue: removes what the engine keeps of it. */
  forget(_execution: Execution): Promise<void> {
    return Promise.resolve();
  }

  /** Ends what the engine holds for this installation without a run that wants it; every few minutes. @param isWanted by run and attempt. */
  removeOrphans(_isWanted: (runId: number, attempt: number) => Promise<boolean>): Promise<void> {
    return Promise.resolve();
  }
}
