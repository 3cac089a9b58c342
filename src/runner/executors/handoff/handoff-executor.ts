import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { text } from '../../../locales/text';
import { Bell } from '../bell';
import { Executor, PrepareError, type Assignment, type Execution, type HeldProgram, type Observation } from '../executor';
import { renderArgumentsFile } from './arguments-file';
import { removeFilesOf } from './folder-claims';
import { HandoffAttempt } from './handoff-attempt';

const LOOK_MS = 200;
const IN_LINE_MS = 1000;
const LOG_MS = 500;
/** For a launcher that looks for a cancel every second, beside the grace; and for one that is not known to look at all. */
const ANSWER_MS = { ours: 10_000, foreign: 1000 };
/** A log whose writer tells no end is complete when nothing came for so long. */
const LOG_QUIET_MS = 400;
const LOG_END_MS = 5000;

/**
 * Programs whose launcher stays on the host and speaks through files in a folder: the handshake of PyShowwwcase. What is authorised
 * waits in line for the folder, is laid down for the launcher, and ends by the launcher's record or the program's own last id. See
 * docs/handoff.md for the files and for what counts as evidence.
 */
@Injectable()
export class HandoffExecutor extends Executor {
  readonly engine = 'handoff';
  private readonly logger = new Logger('Runner');
  private readonly attempts = new WeakMap<Execution, HandoffAttempt>();
  /** What `observe` said last, so that `change` tells what is new to its caller. */
  private readonly told = new WeakMap<Execution, string>();
  /** What was told last of the trouble with an attempt, by whatever stands for it. */
  private readonly troubles = new WeakMap<Execution | HandoffAttempt, string>();
  /** Rings when a run of this runner gives a folder back: many may wait for one, and look seldom. */
  private readonly released = new Bell();

  constructor(private readonly config: AppConfig) {
    super();
  }

  /** The folders are those of the pipelines, so there is nothing to try yet. */
  async check(): Promise<void> {}

  async prepare(assignment: Assignment): Promise<HeldProgram> {
    const { runId, attempt, folder, runtime } = assignment;
    if (runtime.kind !== 'handoff') throw new PrepareError(`not a hand-off: ${runtime.kind}`);
    const content = renderArgumentsFile(runtime, assignment);
    const token = `${runId}-${attempt}-${randomBytes(4).toString('hex')}`;
    const plan = { runId, attempt, token, runtime };
    const one = HandoffAttempt.of(folder, plan);
    await one.control.writePlan(plan);
    await one.files.hold(content);
    return {
      handle: { kind: 'handoff', folder: runtime.folder, token, host: null },
      go: async () => {
        if (!(await one.control.mark('go'))) return;
        // What fails here is tried again while somebody follows.
        await one.advance().catch((error: unknown) => this.warn(one, runId, error));
      },
      discard: async () => {
        if (await one.control.mark('sealed')) await one.files.removeHeld();
      },
    };
  }

  async observe(execution: Execution): Promise<Observation> {
    const seen = await this.look(execution);
    this.told.set(execution, JSON.stringify(seen));
    return seen;
  }

  async change(execution: Execution, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await (await this.find(execution))?.advance();
        const seen = await this.look(execution);
        if (JSON.stringify(seen) !== this.told.get(execution)) return;
        if (seen.kind === 'pending' && !(await this.isLaid(execution))) await this.released.pause(IN_LINE_MS, signal);
      } catch (error) {
        this.warn(execution, execution.runId, error);
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  override async keepLog(execution: Execution, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await (await this.find(execution))?.copyLog(this.config.settings.MAX_LOG);
      } catch (error) {
        this.warn(execution, execution.runId, error);
      }
      await sleep(LOG_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async seal(execution: Execution): Promise<boolean> {
    const one = await this.find(execution);
    if (!one) return HandoffAttempt.sealWithoutPlan(execution.folder);
    const sealed = (await one.control.mark('sealed')) || (await one.control.readMarker()) !== 'go' || (await one.forbid());
    if (sealed) await one.files.removeHeld();
    return sealed;
  }

  async stop(execution: Execution, graceMs: number): Promise<void> {
    const one = await this.find(execution);
    if (!one || !(await this.isLive(execution))) return;
    await one.control.noteAsked();
    if (await one.forbid()) return;
    await one.files.askToCancel(graceMs);
    const mostMs = (await one.files.isAcknowledged()) ? graceMs + ANSWER_MS.ours : ANSWER_MS.foreign;
    for (const began = performance.now(); await this.isLive(execution); await sleep(LOOK_MS)) {
      if (performance.now() - began < mostMs) continue;
      await one.giveUp({ kind: 'ended', exitCode: null, asked: true, note: text('runner.handoffUnanswered', { folder: one.folder }) });
    }
  }

  /** What the program left behind is swept by the launcher. Its log is brought to its end, the end is written down, and the folder given back. */
  async sweep(execution: Execution): Promise<number> {
    const one = await this.find(execution);
    if (!one) return 0;
    const seen = await this.look(execution);
    if (seen.kind !== 'ended' && seen.kind !== 'dead') return 0;
    await this.finishLog(one);
    const left = await one.files.leftBehind();
    await one.end(seen);
    this.released.ring();
    return left;
  }

  override async forget(execution: Execution): Promise<void> {
    const one = await this.find(execution);
    if (one && !(await one.isQuarantined())) await removeFilesOf(one.files.shared, one.plan.token);
  }

  private async look(execution: Execution): Promise<Observation> {
    const one = await this.find(execution);
    if (one) return one.look();
    return execution.handle ? { kind: 'dead', evidence: text('runner.handoffFilesGone') } : { kind: 'never_began' };
  }

  private async isLaid(execution: Execution): Promise<boolean> {
    return (await (await this.find(execution))?.control.readLaid()) !== null;
  }

  private async isLive(execution: Execution): Promise<boolean> {
    const { kind } = await this.look(execution);
    // What cannot be seen now is asked to end when it can.
    return kind === 'running' || kind === 'pending' || kind === 'orphaned';
  }

  /** Null where nothing was prepared. */
  private async find(execution: Execution): Promise<HandoffAttempt | null> {
    const known = this.attempts.get(execution) ?? (await HandoffAttempt.find(execution.folder));
    if (known) this.attempts.set(execution, known);
    return known;
  }

  private async finishLog(one: HandoffAttempt): Promise<void> {
    const most = this.config.settings.MAX_LOG;
    const isComplete = (await one.files.launcherEnd()) !== null;
    await one.copyLog(most);
    if (isComplete) return;
    for (let waited = 0, quiet = 0; waited < LOG_END_MS && quiet < LOG_QUIET_MS; waited += LOOK_MS, quiet += LOOK_MS) {
      await sleep(LOOK_MS);
      if ((await one.copyLog(most)) > 0) quiet = 0;
    }
  }

  /** Once for as long as it stays the same: what fails is tried again several times a second. */
  private warn(of: Execution | HandoffAttempt, runId: number, error: unknown): void {
    const trouble = error instanceof Error ? error.message : String(error);
    if (this.troubles.get(of) === trouble) return;
    this.troubles.set(of, trouble);
    this.logger.warn(`Run ${runId}, hand-off: ${trouble}`);
  }
}
