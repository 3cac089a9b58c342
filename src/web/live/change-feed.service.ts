import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { RunnersRepository } from '../../common/queue/runners.repository';
import { ChangesRepository, type Progress, type Transition } from './changes.repository';

/** What has changed since the last look. */
export interface Changes {
  /** The newest transition of each run that made one. */
  transitions: Transition[];
  /** Runs whose progress moved without a transition. */
  progress: Progress[];
  runners: boolean;
  /** Highest id of an event that was seen; a reader who comes back with it misses nothing. */
  upTo: number;
}

type Listener = (changes: Changes) => void;

/** From where a reader wants to hear: the last event that it knows, or the time at which its page was written. */
export interface From {
  eventId?: number;
  atMs?: number;
}

const LOOK_MS = 500;
/** Progress and runners are looked at once in so many looks. */
const SLOW_EVERY = 2;
/** AUTO_INCREMENT numbers are given before the commit: an event may appear this long after one with a higher number. */
const SETTLE_MS = 3000;
const MOST_EVENTS = 2000;
/** Past transitions that are kept for readers who come back. */
const REMEMBERED = 300;
/** A reader's own view of the order may be off by as much as events were committed out of order. */
const OVERLAP_EVENTS = 50;
const OVERLAP_MS = 2000;

/** Looks at the database for all open streams together, and only while there is one. */
@Injectable()
export class ChangeFeed implements OnModuleDestroy {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly listeners = new Set<Listener>();
  private timer: NodeJS.Timeout | undefined;
  private ready: Promise<void> | undefined;
  /** The look that is under way. One of an earlier round must not mark as told what nobody of this round has heard. */
  private looking: Promise<void> = Promise.resolve();
  private looks = 0;
  private failing = false;
  /** Every event up to this id was told. */
  private floor = 0;
  /** Events above the floor that were told, with the time at which they were first seen. */
  private readonly told = new Map<number, number>();
  private remembered: Transition[] = [];
  private progress = new Map<number, string>();
  private runners = '';

  constructor(
    private readonly changes: ChangesRepository,
    private readonly runnerRows: RunnersRepository,
    private readonly config: AppConfig,
  ) {}

  /** @returns how to stop. The listener first hears what happened since `from`, as far as that is remembered. */
  async subscribe(from: From, listener: Listener): Promise<() => void> {
    this.listeners.add(listener);
    this.ready ??= this.begin();
    try {
      await this.ready;
    } catch (error) {
      this.unsubscribe(listener);
      throw error;
    }
    const missed = this.since(from);
    if (missed.length > 0) listener({ transitions: newestOfEach(missed), progress: [], runners: false, upTo: this.upTo() });
    return () => this.unsubscribe(listener);
  }

  onModuleDestroy(): void {
    this.listeners.clear();
    this.end();
  }

  private unsubscribe(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) this.end();
  }

  private end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.ready = undefined;
  }

  private async begin(): Promise<void> {
    await this.looking;
    const latest = await this.changes.latestEventId();
    this.floor = Math.max(0, latest - REMEMBERED);
    this.told.clear();
    this.remembered = [];
    this.looks = 0;
    await this.readTransitions();
    this.progress = signatures(await this.changes.inProgress());
    this.runners = await this.readRunners();
    if (this.listeners.size > 0) this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void (this.looking = this.look()), LOOK_MS).unref();
  }

  private async look(): Promise<void> {
    const round = this.ready;
    try {
      const changes = await this.readChanges();
      this.failing = false;
      if (this.ready === round && somethingIn(changes)) for (const listener of this.listeners) listener(changes);
    } catch (error) {
      if (!this.failing) this.logger.warn(`The pages are not live while the database is away: ${(error as Error).message}`);
      this.failing = true;
    }
    if (this.ready === round && this.listeners.size > 0) this.schedule();
  }

  private async readChanges(): Promise<Changes> {
    this.looks += 1;
    const transitions = newestOfEach(await this.readTransitions());
    const isSlow = this.looks % SLOW_EVERY === 0;
    const progress = isSlow ? await this.readProgress() : [];
    const runners = isSlow && (await this.runnersChanged());
    return { transitions, progress, runners, upTo: this.upTo() };
  }

  /** Those that were not told before. */
  private async readTransitions(): Promise<Transition[]> {
    const rows = await this.changes.transitionsAfter(this.floor, MOST_EVENTS);
    const now = Date.now();
    const fresh = rows.filter((row) => !this.told.has(row.eventId));
    for (const row of fresh) this.told.set(row.eventId, now);
    this.remembered = [...this.remembered, ...fresh].slice(-REMEMBERED);
    const flooded = rows.length === MOST_EVENTS;
    for (const { eventId } of rows) {
      const settled = now - (this.told.get(eventId) ?? now) > SETTLE_MS;
      if (!settled && !flooded) break;
      this.floor = eventId;
      this.told.delete(eventId);
    }
    return fresh;
  }

  private async readProgress(): Promise<Progress[]> {
    const rows = await this.changes.inProgress();
    const before = this.progress;
    this.progress = signatures(rows);
    return rows.filter((row) => before.get(row.runId) !== this.progress.get(row.runId));
  }

  private async runnersChanged(): Promise<boolean> {
    const before = this.runners;
    this.runners = await this.readRunners();
    return before !== this.runners;
  }

  /** Changes when a runner comes, goes, falls silent, is told another mode, gets into trouble, or has other places and engines; and when somebody changes the order of the queue, or holds it. What a machine tells of itself is news to nobody. */
  private async readRunners(): Promise<string> {
    const { runners } = await this.runnerRows.all(this.config.settings.RUNNER_STALE);
    const standings = runners.map(({ beatMs: _beat, health: _health, stopped, isAlive, ...standing }) =>
      isAlive ? standing : [standing.name, standing.mode, stopped],
    );
    return JSON.stringify([standings, await this.changes.moves()]);
  }

  private since({ eventId, atMs }: From): Transition[] {
    if (eventId !== undefined) return this.remembered.filter((row) => row.eventId > eventId - OVERLAP_EVENTS);
    if (atMs !== undefined) return this.remembered.filter((row) => row.atMs > atMs - OVERLAP_MS);
    return [];
  }

  private upTo(): number {
    return Math.max(this.floor, ...this.told.keys());
  }
}

function newestOfEach(transitions: readonly Transition[]): Transition[] {
  const newest = new Map<number, Transition>();
  for (const transition of transitions) {
    const known = newest.get(transition.runId);
    if (!known || known.eventId < transition.eventId) newest.set(transition.runId, transition);
  }
  return [...newest.values()];
}

function signatures(rows: readonly Progress[]): Map<number, string> {
  return new Map(rows.map((row) => [row.runId, `${row.progress} ${row.progressText}`]));
}

function somethingIn({ transitions, progress, runners }: Changes): boolean {
  return transitions.length > 0 || progress.length > 0 || runners;
}
