import type { Demand } from '../pipelines/needs';
import type { Engine } from '../pipelines/runtime';
import type { Capacity } from './choose-runs';
import type { Limits } from './run-limits';
import type { Side } from './rank-moves';
import type { RunnerHealth } from './runner-health';
import type { RunHandle } from './run-handle';
import type { Run, StopReason } from './run.entity';
import type { RunnerMode } from './runner-mode';
import type { FinalState, RunState } from './run-state';

/** A run as somebody asks for it. */
export interface NewRun {
  /** UUID made by the submitter: asking twice with one id makes one run. */
  submissionId: string;
  pipelineId: string;
  pipelineTitle: string;
  projectId: string;
  ownerId: string;
  parameters: Record<string, unknown>;
  /** Compiled manifest, kept with the run. */
  manifest: Record<string, unknown>;
  timeLimitSeconds: number;
  /** 1 unless the pipeline asks for retries. */
  maxStarts: number;
  pipelineLimit: number | null;
  engine: Engine;
  needs: Demand;
  /** Its level (see `rank.ts`); 0 without one. */
  level?: number;
  /** Milliseconds since 1970; later than now makes the run `scheduled`. */
  availableMs?: number;
  /** Number of the run that has to succeed first: until then it is `scheduled` for no time. */
  afterRun?: number | undefined;
}

/** Who a runner process is: its name, its place in the world, and how to wake it. */
export interface RunnerIdentity extends Capacity {
  incarnation: string;
  host: string;
  bootId: string;
  pokeAddress: string | null;
}

/** The key with which a runner writes a run: wrong or outdated fences write nothing. */
export interface Lease {
  runId: number;
  fence: number;
}

export interface Ending {
  state: FinalState;
  exitCode: number | null;
  /** The sentence that people read. */
  note: string | null;
}

/** What one look at the queue tells a runner; one cheap indexed round trip. */
export interface Glance {
  /** Whether any run is queued, and the whole queue is not on hold. */
  waiting: boolean;
  /** Whether the time of a scheduled run has come, or what one waits for is over. */
  due: boolean;
  /** Whether any run of this runner is `stopping`, or `starting` with a cancel asked for. */
  stopping: boolean;
  /** Whether any runner holds any run. */
  held: boolean;
  /** Whether an event has no mail yet, or a mail is due. */
  mail: boolean;
  /** Null when no runner of that name was ever registered. */
  mode: RunnerMode | null;
}

/** A run that waits for another one which is over. */
export interface DecidedLink {
  runId: number;
  afterRun: number;
  /** Null where it is gone. */
  afterState: FinalState | null;
}

export type CancelOutcome = 'cancelled' | 'stopping' | 'already_final' | 'not_found';
export type DeclareLostOutcome = 'lost' | 'not_unknown' | 'not_found';
export type FrontOutcome = 'moved' | 'not_waiting' | 'not_found';
/** `other_not_waiting`: the run beside which it should go waits no more; `no_room`: it was moved too often within one line. */
export type MoveOutcome = FrontOutcome | 'other_not_waiting' | 'no_room';
export type HoldOutcome = 'held' | 'not_waiting' | 'not_found';
export type LetGoOutcome = 'let_go' | 'not_held' | 'not_found';
/** What a look would have told, or that another process has the name. */
export type BeatOutcome = Glance | 'replaced';

/**
 * The queue as a set of atomic steps, each named after the transition that it makes (see `run-state.ts`). Steps of an owner take a
 * `Lease` and answer whether they were carried out: `false` means that the fence or the state had moved on, and that the caller owns
 * nothing any more. All times are taken from the database. Two implementations, one conformance suite (`test/medium/queue-store`).
 *
 * After a lost connection a step's outcome is unknown; every step can be asked for again: `enqueue` by submission id, `claim` by what
 * `held` then lists, all others by their fence, which makes the repetition answer as the first did (`true` where it took effect).
 */
export abstract class QueueStore {
  /**
   * @param mostWaiting runs of its owner that may wait, with this one; null: any number. Exact, however many ask at the same moment.
   * @returns the run's number and whether this call made it.
   * @throws LimitError when so many wait already.
   */
  abstract enqueue(run: NewRun, mostWaiting?: number | null): Promise<{ runId: number; created: boolean }>;

  /** scheduled → queued for all whose time has come; how many. */
  abstract releaseDue(): Promise<number>;

  /** Runs above a number that wait for one which is over, or gone, the oldest first, at most 100. Those on hold wait on where it succeeded. */
  abstract decidedLinks(above?: number): Promise<DecidedLink[]>;

  /**
   * scheduled → queued for a run of which what it waited for has succeeded, together with the parameters that are known only now.
   * @returns false when it waits no more, or is on hold.
   */
  abstract startLink(runId: number, parameters: Record<string, unknown>): Promise<boolean>;

  /** scheduled → cancelled for a run that waited in vain. @returns false when it waits no more. */
  abstract stopLink(runId: number, note: string): Promise<boolean>;

  /** Forgets what runs waited for that are over, because somebody cancelled them. @returns how many. */
  abstract closeLinks(): Promise<number>;

  /**
   * queued → starting for up to `most` runs for which the runner has room: lowest level first, then the owner with the fewest held runs,
   * then the oldest (see `chooseRuns`). The GPUs that a run gets are written into its row.
   * Exact limits without a lock: the gate's version is read before the decision and must be unchanged in the one statement that claims.
   * Only a registered runner gets runs: a replaced or retired process claims nothing.
   */
  abstract claim(runner: Capacity & Pick<RunnerIdentity, 'incarnation'>, most: number, limits?: Limits): Promise<Run[]>;

  /**
   * starting → queued; the attempt is sealed. At the fifth time the run ends `failed` with `note` instead, and `cancelled` where a
   * cancel was asked for.
   */
  abstract unclaim(lease: Lease, note: string): Promise<boolean>;

  /** starting → failed without an attempt to start: the pipeline is gone, an input is missing. */
  abstract failStart(lease: Lease, note: string): Promise<boolean>;

  /** starting → cancelled where a cancel was asked for; the attempt is sealed. */
  abstract cancelStarting(lease: Lease): Promise<boolean>;

  /** starting → running with the handle, unless a cancel was asked for or `starts` has reached `maxStarts`. The one permission to start. */
  abstract authorise(lease: Lease, handle: RunHandle): Promise<boolean>;

  /**
   * starting → unknown with its handle, as far as that is known, and the evidence: the attempt was let go under a permission that the
   * table lost, and counts as a start again.
   */
  abstract discover(lease: Lease, handle: RunHandle | null, evidence: string): Promise<boolean>;

  /** running|stopping → queued (or cancelled where a cancel was asked for) with `starts - 1`: the sealed attempt had never begun. */
  abstract unstart(lease: Lease): Promise<boolean>;

  /**
   * Cancels: waiting runs end at once, starting and unknown ones carry the flag (an unknown run becomes `stopping` when it is
   * regained), running ones become `stopping`. Idempotent: the answer is how things stand afterwards.
   * @param note who cancelled, as a sentence.
   */
  abstract requestCancel(runId: number, note: string): Promise<CancelOutcome>;

  /**
   * unknown → lost on the word of a person, and fence + 1: whoever follows it owns nothing any more. What may be left of the program is
   * not ended by it. `not_unknown`: it was found again meanwhile, or is over.
   * @param note who says so, as a sentence, with the evidence that the run had.
   */
  abstract declareLost(runId: number, note: string): Promise<DeclareLostOutcome>;

  /**
   * Ranks a waiting run behind all that wait now, and behind those that come later and are moved by nobody. No transition. The outcome is
   * as of `toFront`.
   */
  abstract toBack(runId: number): Promise<FrontOutcome>;

  /**
   * Puts a waiting run beside one that is queued: within the line of one person and pipeline at that very place, where everybody else's
   * turn stays as it was; else before, or after, the whole level of the other one. No transition.
   */
  abstract moveBeside(runId: number, otherId: number, side: Side): Promise<MoveOutcome>;

  /**
   * queued|scheduled → scheduled for no time: it keeps its number and its place in the order, and starts only once it is let go. Asking
   * again changes nothing, also not by whom.
   * @param by who wants it so, by name. @param note the same as a sentence, with the reason.
   */
  abstract hold(runId: number, by: string, note: string): Promise<HoldOutcome>;

  /** Undoes `hold`: scheduled → queued, unless its time has not come yet. */
  abstract letGo(runId: number): Promise<LetGoOutcome>;

  /**
   * Holds the whole queue: no claim takes anything any more; what runs, or is about to start, goes on.
   * @param note why; '' for nothing. @returns false where it was on hold already: whose hold it was stays.
   */
  abstract holdQueue(by: string, note: string): Promise<boolean>;

  /** Undoes `holdQueue`. @returns false where it was not on hold. */
  abstract letQueueGo(): Promise<boolean>;

  /**
   * Ranks a waiting run before all that wait now. No transition: its state stays, and asking again changes nothing. `not_waiting`: it
   * has been claimed meanwhile, or is over.
   */
  abstract toFront(runId: number): Promise<FrontOutcome>;

  /** How many runs of a person wait: queued or scheduled. */
  abstract waitingOf(ownerId: string): Promise<number>;

  /** The run that was made for a submission; null when there is none. */
  abstract findSubmission(submissionId: string): Promise<number | null>;

  /** running → stopping by the owner itself: the time limit. */
  abstract stop(lease: Lease, reason: StopReason, note: string): Promise<boolean>;

  /** running|stopping|unknown → final. On `stopping` the caller has already weighed the stop reason (see `settleEnding`). */
  abstract finish(lease: Lease, ending: Ending): Promise<boolean>;

  /** running|stopping|unknown → queued for another attempt, only while `starts < maxStarts` and nobody asked for a cancel. */
  abstract retry(lease: Lease, note: string): Promise<boolean>;

  /** running|stopping → unknown with the evidence. */
  abstract doubt(lease: Lease, evidence: string): Promise<boolean>;

  /**
   * running|stopping|unknown → unknown with the evidence and without an owner: it takes no place of the runner that cannot see it, and
   * whoever can may take it over.
   */
  abstract disown(lease: Lease, evidence: string): Promise<boolean>;

  /** unknown → running, or stopping where a stop was asked for. */
  abstract regain(lease: Lease): Promise<boolean>;

  /**
   * Makes `runner` the owner of a held run: fence + 1, state unchanged. Only if the fence is still `lease.fence` and the present owner
   * is this runner's name, has stopped, is gone, has been silent for `staleSeconds`, or cannot see the run (`unknown`), which somebody
   * else perhaps can. A replaced process of `runner` gets nothing.
   * @returns the run with its new fence, or null when somebody else was quicker or the owner lives.
   */
  abstract takeOver(lease: Lease, runner: Pick<RunnerIdentity, 'name' | 'incarnation'>, staleSeconds: number): Promise<Run | null>;

  /** Percent and sentence of a running run, for the pages; not a transition. */
  abstract reportProgress(lease: Lease, progress: number | null, progressText: string | null): Promise<boolean>;

  /** What the engine says of a started run, and since when it really runs; not a transition. */
  abstract reportEngine(lease: Lease, note: string | null, begunMs: number | null): Promise<boolean>;

  /** All runs in a held state, any owner, with what is needed to decide on a take-over. */
  abstract held(): Promise<HeldRun[]>;

  abstract glance(runnerName: string): Promise<Glance>;

  /** Writes the runner's row; an older process of the same name is replaced and learns it at its next beat. */
  abstract registerRunner(runner: RunnerIdentity): Promise<void>;

  /**
   * Sign of life. `replaced` when the row carries another incarnation: stop claiming.
   * @param trouble why it takes nothing new although its mode allows it, as a sentence for people; null: it does.
   * @param health how its machine does (see `RunnerHealth`); null: not known, what it told before stays.
   */
  abstract beat(
    runner: Pick<RunnerIdentity, 'name' | 'incarnation'>,
    trouble?: string | null,
    health?: RunnerHealth | null,
  ): Promise<BeatOutcome>;

  /** A clean stop: the runner takes no more, and its runs may be taken over at once. */
  abstract retireRunner(runner: Pick<RunnerIdentity, 'name' | 'incarnation'>): Promise<void>;

  /**
   * Lets a runner take new runs, or not; it learns of it at its next look.
   * @param by who wants it so, by name; null: not known. Kept, at most 100 characters, as long as the mode.
   * @returns false when there is no such runner.
   */
  abstract setRunnerMode(name: string, mode: RunnerMode, by?: string | null): Promise<boolean>;

  /**
   * Forgets a runner that is gone for ever.
   * @param staleSeconds silence after which it counts as gone. @returns false where it is alive, holds something, or is not known.
   */
  abstract removeRunner(name: string, staleSeconds: number): Promise<boolean>;

  /** The database's clock. */
  abstract nowMs(): Promise<number>;

  /** Releases what the store holds beyond TypeORM's connection. */
  abstract close(): Promise<void>;
}

/** A held run beside its owner's sign of life. A sign that lies ahead is as old: since then the clock was put back. */
export interface HeldRun {
  run: Run;
  owner: { host: string; bootId: string; incarnation: string; stopped: boolean; silentMs: number } | null;
}

export type { RunState };
