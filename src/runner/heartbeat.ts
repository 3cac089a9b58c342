import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AuditTrail, thisProgram } from '../common/audit/audit-trail';
import { AppConfig } from '../common/config/app-config';
import { QueueStore, type Glance } from '../common/queue/queue-store';
import type { RunnerMode } from '../common/queue/runner-mode';
import { MachineHealth } from './machine-health';
import { Patience, type Trouble } from './patience';
import { RunnerSelf } from './runner-self';
import { WakeUp } from './wake-up';

const MODE_SENTENCES: Record<RunnerMode, string> = {
  active: 'Takes runs again.',
  paused: 'Paused: it takes no more runs until it is resumed.',
  draining: 'Draining: it takes no more runs and ends when those that it has are over.',
};

/** Longer than the second in which a runner looks at the queue, also on a busy machine. */
const TROUBLE_LASTS_MS = 5000;

/**
 * The sign of life of this runner, apart from its work. Who has not been able to give it for half of the time after which others take
 * over claims nothing any more; who learns that another process has its name never claims again.
 */
@Injectable()
export class Heartbeat {
  private readonly logger = new Logger('Runner');
  private readonly ending = new AbortController();
  private lastMs = Number.NEGATIVE_INFINITY;
  private replaced = false;
  private currentMode: RunnerMode = 'active';
  private ended: Promise<void> = Promise.resolve();
  private trouble: { reason: string | null; toldMs: number } = { reason: null, toldMs: 0 };
  private beatNow = new AbortController();
  private readonly silence: Trouble;
  private readonly health: MachineHealth;

  constructor(
    private readonly store: QueueStore,
    private readonly self: RunnerSelf,
    patience: Patience,
    private readonly wakeUp: WakeUp,
    private readonly config: AppConfig,
    private readonly trail: AuditTrail,
  ) {
    this.silence = patience.newTrouble();
    this.health = new MachineHealth(config);
  }

  /** Enters this runner in the queue's list of runners, and beats from then on. @param onReplaced another process took the name. */
  async start(onReplaced: () => void): Promise<void> {
    await this.store.registerRunner(this.self);
    this.note('runner.start');
    this.lastMs = performance.now();
    this.ended = this.beatOn(onReplaced);
  }

  /** Whether this runner may take runs. */
  get mayClaim(): boolean {
    const most = (this.config.settings.RUNNER_STALE * 1000) / 2;
    return !this.replaced && this.currentMode === 'active' && performance.now() - this.lastMs < most;
  }

  /** As of the last look. */
  get mode(): RunnerMode {
    return this.currentMode;
  }

  /** Whoever has looked at the queue tells what it says about this runner. */
  learn({ mode }: Glance): void {
    if (mode === null || mode === this.currentMode) return;
    this.currentMode = mode;
    this.logger.log(MODE_SENTENCES[mode]);
  }

  /** Why this runner takes nothing new, for the people whose runs wait; a change is written down at once. */
  tell(reason: string | null): void {
    const before = this.trouble.reason;
    this.trouble = { reason, toldMs: performance.now() };
    if (reason !== before) this.beatNow.abort();
  }

  get isReplaced(): boolean {
    return this.replaced;
  }

  /** Stops beating, and leaves word that what this runner had may be taken at once. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.ended;
    if (this.replaced) return;
    await this.store.retireRunner(this.self);
    this.note('runner.stop');
    await this.trail.settled();
  }

  private note(action: 'runner.start' | 'runner.stop'): void {
    const { name } = this.self;
    this.trail.note({ actor: thisProgram('runner'), action, object: { kind: 'runner', id: name, name } });
  }

  private async beatOn(onReplaced: () => void): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted && !this.replaced) {
      await this.pause(signal);
      if (signal.aborted) return;
      // Before the question and not after the answer: a process that is frozen in between must not feel fresh.
      const askedMs = performance.now();
      try {
        const outcome = await this.store.beat(this.self, this.recentTrouble(), this.health.read());
        this.replaced = outcome === 'replaced';
        if (outcome !== 'replaced') this.pass(outcome);
        this.lastMs = askedMs;
        this.silence.end();
      } catch (error) {
        this.silence.report(error);
      }
    }
    if (!this.replaced) return;
    this.logger.error(`Another runner named ${this.self.name} has started, so this one ends. Give each its own RUNNER_NAME.`);
    onReplaced();
  }

  /** A beat has told what a look would tell: there is something to do, or the next look can wait. */
  private pass(glance: Glance): void {
    this.learn(glance);
    if (glance.waiting || glance.due || glance.stopping) this.wakeUp.wake();
    else if (!glance.held && !glance.mail && glance.mode === 'active') this.wakeUp.putOff();
  }

  /** Until the next sign of life is due, or something is to be told. */
  private async pause(ending: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ending, this.beatNow.signal]);
    await sleep(this.config.settings.RUNNER_BEAT * 1000, undefined, { signal }).catch(() => undefined);
    if (this.beatNow.signal.aborted) this.beatNow = new AbortController();
  }

  /** While something waits the reason is looked at every second; what nobody has looked at for longer counts no more. */
  private recentTrouble(): string | null {
    return performance.now() - this.trouble.toldMs < TROUBLE_LASTS_MS ? this.trouble.reason : null;
  }
}
