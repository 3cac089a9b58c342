import { sentencesInRow } from '../../locales/joined';
import { text } from '../../locales/text';
import { chooseRuns, isRemote, OVERTAKEN_FOR_MS } from '../queue/choose-runs';
import { isSameLevel } from '../queue/rank';
import { toCandidateOf } from '../queue/run-row';
import type { Run } from '../queue/run.entity';
import { forecast, type Forecast } from './forecast';
import { gainsAtFront } from './front';
import { modeSince, type Since } from './last-words';
import { ENDLESS, isDrained, type Situation } from './situation';
import { isObstacle, reasonOf, type Obstacle, type Reason } from './waiting-reason';
import { reasonInWords } from './waiting-words';

/** Why a run waits, as pages and commands show it. */
export interface Waiting {
  /** Where it stands and what it waits for. */
  sentence: string;
  /** The same for people who may not know what it needs. */
  publicSentence: string;
  /** Since when the cause lasts; null where it does not matter. */
  since: Since | null;
  /** When it will probably start, by the database's clock; null where there is no history, and where it starts at once. */
  startsMs: number | null;
}

/** A queued run that no runner takes as things are, however little else there is to do. */
export interface StuckRun {
  run: Run;
  reason: Obstacle;
}

/** The line of waiting runs at one moment: why each waits, and when it will probably start. */
export class WaitingLine {
  private readonly forecast: Forecast;
  private readonly queued: ReadonlySet<number>;
  /** Those for which there is no room now. */
  private readonly left: readonly Run[];

  private readonly reasons = new Map<number, Reason>();

  constructor(readonly situation: Situation) {
    this.forecast = forecast(situation);
    this.queued = new Set(situation.queued.map(({ id }) => id));
    this.left = situation.queued.filter(({ id }) => !this.forecast.starts.get(id)?.isAtOnce);
  }

  /** Of a queued run, or of a scheduled one whose time has come; null for all others. */
  of(run: Run): Waiting | null {
    const { nowMs, moreQueued, queued } = this.situation;
    if (run.state !== 'queued' && !(run.state === 'scheduled' && run.availableMs <= nowMs)) return null;
    const reason = this.reasonOf(run);
    if (!this.queued.has(run.id) && !isObstacle(reason)) {
      // It came, or went, after the line was read, unless the line is too long to be read whole.
      const far = moreQueued ? text('queue.waitFarBehind', { count: queued.length }) : text('queue.waitUnread');
      const sentence = run.state === 'scheduled' ? text('queue.waitDue') : far;
      return { sentence, publicSentence: sentence, since: null, startsMs: null };
    }
    const start = this.forecast.starts.get(run.id);
    const isNext = start?.position === 1;
    const place = start ? text(moreQueued && !isNext ? 'queue.inLineAtLeast' : 'queue.inLine', { position: start.position }) : '';
    const kept = this.isRoomKeptFor(run, reason) ? text('queue.waitKept') : '';
    const inWords = (tellsNeeds: boolean) => sentencesInRow(place, reasonInWords(reason, isNext, tellsNeeds), kept);
    return {
      sentence: inWords(true),
      publicSentence: inWords(false),
      since: sinceOf(reason),
      startsMs: start?.isAtOnce ? null : (start?.atMs ?? null),
    };
  }

  get isAnybodyAlive(): boolean {
    return this.situation.runners.some(({ isAlive }) => isAlive);
  }

  /** Local places that each runner has given, by its name. */
  get placesTaken(): Map<string, number> {
    const taken = new Map<string, number>();
    for (const { runnerName, engine } of this.situation.held)
      if (runnerName !== null && !isRemote(engine)) taken.set(runnerName, (taken.get(runnerName) ?? 0) + 1);
    return taken;
  }

  /** Whether there is room for it now. */
  startsAtOnce(run: Run): boolean {
    return this.forecast.starts.get(run.id)?.isAtOnce ?? false;
  }

  /** Place in the line; null for a run that is not in it, or that nothing will take. */
  positionOf(run: Run): number | null {
    return this.forecast.starts.get(run.id)?.position ?? null;
  }

  /** Whether it would start earlier if it were moved before all others. */
  gainsAtFront(run: Run): boolean {
    return run.state === 'queued' && gainsAtFront(run, this.situation, this.forecast);
  }

  /** What a run that goes before all others waits for all the same; '' where it is the next to start. */
  waitsAtFront(runId: number): string {
    const run = this.situation.queued.find(({ id }) => id === runId);
    return run === undefined || this.positionOf(run) === 1 ? '' : (this.of(run)?.sentence ?? '');
  }

  /** The queued runs in the order in which they will probably start, those that nothing will take behind them. */
  inOrder(runs: readonly Run[]): Run[] {
    const place = (run: Run) => this.positionOf(run) ?? Number.MAX_SAFE_INTEGER;
    return [...runs].sort((one, other) => place(one) - place(other));
  }

  /** Why no runner would take a run as things are; null where one would. */
  obstacleOf(run: Run): Obstacle | null {
    const reason = this.reasonOf(run);
    return isObstacle(reason) ? reason : null;
  }

  stuckRuns(): StuckRun[] {
    return this.situation.queued.flatMap((run) => {
      const reason = this.obstacleOf(run);
      return reason ? [{ run, reason }] : [];
    });
  }

  private reasonOf(run: Run): Reason {
    const known = this.reasons.get(run.id) ?? this.findReason(run);
    this.reasons.set(run.id, known);
    return known;
  }

  private findReason(run: Run): Reason {
    const { hold } = this.situation;
    if (hold) return { kind: 'queueOnHold', hold };
    const start = this.forecast.starts.get(run.id);
    if (start?.isAtOnce) return { kind: 'soon', runnerName: start.runnerName ?? '' };
    const { runners, limits } = this.situation;
    return reasonOf(run, {
      runners,
      limits,
      taken: this.forecast.taken,
      isBehindOwn: () => this.left.some((other) => isInOneLine(other, run) && (other.rank - run.rank || other.id - run.id) < 0),
      expectedOn: start?.runnerName ?? null,
    });
  }

  /** For the first run in the line, once it has been overtaken for long (see `chooseRuns`). */
  private isRoomKeptFor(run: Run, { kind }: Reason): boolean {
    const { nowMs, limits, turns } = this.situation;
    if (kind !== 'room' || nowMs - run.availableMs < OVERTAKEN_FOR_MS) return false;
    const candidates = this.left
      .filter((other) => this.forecast.starts.has(other.id) && !isRemote(other.engine))
      .map((other) => ({ ...toCandidateOf(other), gpus: 0, turn: this.turnAfterStarts(other, turns) }));
    const [first] = chooseRuns(candidates, this.forecast.taken, ENDLESS, 1, limits);
    return first?.candidate.id === run.id;
  }

  /** Whoever gets a run now has had the last turn. */
  private turnAfterStarts({ ownerId }: Run, turns: ReadonlyMap<string, number>): number {
    const hadTurn = this.situation.queued.some((run) => run.ownerId === ownerId && this.forecast.starts.get(run.id)?.isAtOnce);
    return hadTurn ? Number.MAX_SAFE_INTEGER / 4 : (turns.get(ownerId) ?? 0);
  }
}

/** Runs of one person and pipeline keep their order. */
function isInOneLine(one: Run, other: Run): boolean {
  return isSameLevel(one.rank, other.rank) && one.ownerId === other.ownerId && one.pipelineId === other.pipelineId;
}

/** Nobody is named here: the reader may be anybody. */
function sinceOf(reason: Reason): Since | null {
  if (reason.kind === 'nobodyTakes') return modeSince(reason.runners, false);
  if (reason.kind === 'queueOnHold') return { words: text('queue.heldSince'), atMs: reason.hold.sinceMs };
  if ((reason.kind !== 'noRunner' && reason.kind !== 'engine') || reason.last === null) return null;
  const { last } = reason;
  if (isDrained(last)) return { words: text('queue.drainingSince'), atMs: last.modeMs ?? last.beatMs };
  return { words: text('queue.lastHeardSince'), atMs: last.beatMs };
}
