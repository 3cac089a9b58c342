import { text } from '../../../locales/text';
import type { Observation } from '../executor';
import type { ControlFiles, HandoffPlan, Laid } from './control-files';
import { FolderClaims } from './folder-claims';
import { HandoffFiles } from './handoff-files';
import { FolderAwayError } from './shared-folder';

/** A launcher of ours writes down the status a moment after the program has told its end. */
const STATUS_WITHIN_MS = 10_000;
/** A program may be in the middle of writing the id of its end. */
const SETTLED_AFTER_MS = 2000;

/** What can be seen of one attempt in control folder and hand-off folder. Remembers only since when it has looked like this. */
export class HandoffView {
  private answer: { id: string; sinceMs: number } | null = null;

  constructor(
    private readonly control: ControlFiles,
    private readonly plan: HandoffPlan,
    private readonly files: HandoffFiles,
  ) {}

  async look(): Promise<Observation> {
    const laid = await this.control.readLaid();
    if (laid?.kind === 'never') return { kind: 'ended', exitCode: null, asked: true };
    try {
      await this.files.shared.requireThere();
      if (laid === null) return { kind: 'pending', note: await new FolderClaims(this.files.shared).waitingNote() };
      return await this.lookAtLaid(laid);
    } catch (error) {
      if (!(error instanceof FolderAwayError)) throw error;
      return laid === null ? { kind: 'pending', note: error.message } : { kind: 'orphaned', evidence: error.message };
    }
  }

  private async lookAtLaid(laid: Extract<Laid, { kind: 'lay' }>): Promise<Observation> {
    const asked = await this.control.wasAsked();
    if (await this.files.isWithdrawn()) {
      return asked ? { kind: 'ended', exitCode: null, asked } : { kind: 'dead', evidence: this.notFetched() };
    }
    const told = await this.files.launcherEnd();
    if (told === 'lost') return { kind: 'dead', evidence: text('runner.handoffLauncherLost') };
    if (told) return { kind: 'ended', exitCode: told.exitCode, asked };
    const answered = await this.whatProgramTold(laid, asked);
    if (answered) return answered;
    if (await this.isFetched(laid)) return { kind: 'running' };
    return { kind: 'pending', note: (await this.files.isPlaced()) ? text('runner.handoffWaits') : text('runner.handoffInTheWay') };
  }

  /** The end of the batch by the file of the last id: its own id, or one that it made up because it could not read its own. */
  private async whatProgramTold(laid: Extract<Laid, { kind: 'lay' }>, asked: boolean): Promise<Observation | null> {
    const id = await this.files.lastRunId();
    const { token } = this.plan;
    if (id === null || (id !== token && (id === laid.lastRunId || !(await this.isFetched(laid))))) {
      this.answer = null;
      return null;
    }
    if (this.answer?.id !== id) this.answer = { id, sinceMs: performance.now() };
    const forMs = performance.now() - this.answer.sinceMs;
    if (await this.files.isAcknowledged()) {
      if (forMs < STATUS_WITHIN_MS) return null;
    } else if (id !== token && forMs < SETTLED_AFTER_MS) return null;
    const end = { kind: 'ended', exitCode: null, asked, completed: true } as const;
    return id === token
      ? end
      : { ...end, note: text('runner.handoffOtherId', { file: this.plan.runtime.lastRunIdFile, id: id.slice(0, 60) }) };
  }

  /** By the launcher's word, or because what it waits for is gone; of a launcher that only reads, because something was written since. */
  private async isFetched({ lastRunId, log }: Extract<Laid, { kind: 'lay' }>): Promise<boolean> {
    if (await this.files.isAcknowledged()) return true;
    if (!(await this.files.isPlaced())) return false;
    if (!(await this.files.isWaiting())) return true;
    if (this.plan.runtime.takes === 'move') return false;
    const now = await this.files.logMark();
    const wrote = now !== null && (now.size !== log?.size || now.mtimeMs !== log.mtimeMs);
    return wrote || (await this.files.lastRunId()) !== lastRunId;
  }

  notFetched(): string {
    return text('runner.handoffNotFetched', { seconds: this.plan.runtime.pickUpSeconds });
  }
}
