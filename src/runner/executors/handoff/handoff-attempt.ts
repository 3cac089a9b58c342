import type { Observation } from '../executor';
import { ControlFiles, type HandoffPlan } from './control-files';
import { FolderClaims } from './folder-claims';
import { HandoffFiles } from './handoff-files';
import { HandoffView } from './handoff-view';
import { LogCopy } from './log-copy';

type End = Extract<Observation, { kind: 'ended' | 'dead' }>;

/** One attempt of a run by hand-off: its moves, each of which may be repeated by whoever follows the run after a runner died. */
export class HandoffAttempt {
  readonly files: HandoffFiles;
  readonly claims: FolderClaims;
  private readonly view: HandoffView;
  /** Since when this process has seen it waiting for its launcher. A later runner begins to count anew. */
  private waitingSinceMs: number | null = null;

  private constructor(
    private readonly place: string,
    readonly control: ControlFiles,
    readonly plan: HandoffPlan,
  ) {
    this.files = new HandoffFiles(plan);
    this.claims = new FolderClaims(this.files.shared);
    this.view = new HandoffView(control, plan, this.files);
  }

  /** @param folder of the control files. */
  static of(folder: string, plan: HandoffPlan): HandoffAttempt {
    return new HandoffAttempt(folder, new ControlFiles(folder), plan);
  }

  /** Null where nothing was prepared. */
  static async find(folder: string): Promise<HandoffAttempt | null> {
    const plan = await new ControlFiles(folder).readPlan();
    return plan && HandoffAttempt.of(folder, plan);
  }

  /** Forbids the start of what was not even prepared; @returns false when it has begun. */
  static async sealWithoutPlan(folder: string): Promise<boolean> {
    const control = new ControlFiles(folder);
    return (await control.mark('sealed')) || (await control.readMarker()) !== 'go';
  }

  get folder(): string {
    return this.plan.runtime.folder;
  }

  async look(): Promise<Observation> {
    const record = await this.control.readEnd();
    if (record?.attempt === this.plan.attempt) return record.seen;
    // Its start was authorised and nobody gave the word; a marker decides whether anybody still can.
    if ((await this.control.readMarker()) !== 'go') return { kind: 'never_began' };
    return this.view.look();
  }

  /** Does what is next: takes the folder, lays the files down, takes back what nobody fetched in time. */
  async advance(): Promise<void> {
    if ((await this.control.readMarker()) !== 'go' || (await this.control.readEnd())) return;
    if ((await this.control.readLaid()) === null && !(await this.takeFolder())) return;
    if ((await this.control.readLaid())?.kind !== 'lay') return;
    await this.files.place();
    if ((await this.view.look()).kind !== 'pending') return;
    this.waitingSinceMs ??= performance.now();
    if (performance.now() - this.waitingSinceMs < this.plan.runtime.pickUpSeconds * 1000) return;
    if (this.plan.runtime.takes === 'move' && (await this.files.withdraw())) return;
    // Fetched at the last moment, perhaps.
    if ((await this.view.look()).kind === 'pending') await this.giveUp({ kind: 'dead', evidence: this.view.notFetched() });
  }

  /** @returns true when it can be proven that it never began and never will. */
  async forbid(): Promise<boolean> {
    if (await this.control.decideLaid({ kind: 'never' })) {
      await this.files.removeHeld();
      return true;
    }
    const laid = await this.control.readLaid();
    if (laid?.kind === 'never') return true;
    return this.plan.runtime.takes === 'move' && (await this.files.withdraw());
  }

  /** The run ends without a word from its program: the folder stays reserved for it until there is one. */
  async giveUp(end: End): Promise<void> {
    await this.claims.quarantine(this.plan);
    await this.control.writeEnd({ attempt: this.plan.attempt, seen: end });
    await this.files.clearAway();
  }

  /** Writes the end down, then lets others have the folder. */
  async end(end: End): Promise<void> {
    await this.control.writeEnd({ attempt: this.plan.attempt, seen: end });
    if (await this.isQuarantined()) return;
    await this.files.removeLaid();
    await this.claims.release(this.plan);
  }

  isQuarantined(): Promise<boolean> {
    return this.claims.isQuarantined(this.plan);
  }

  /** @returns how many bytes came. */
  async copyLog(mostBytes: number): Promise<number> {
    const laid = await this.control.readLaid();
    const { logFile } = this.plan.runtime;
    if (laid?.kind !== 'lay' || logFile === null || (await this.control.readEnd())) return 0;
    // Before that it belongs to whatever ran there last.
    if (!(await this.files.isAcknowledged()) && (await this.view.look()).kind === 'pending') return 0;
    const source = { shared: this.files.work, name: logFile, before: laid.log };
    return new LogCopy(source, this.place, mostBytes).catchUp();
  }

  private async takeFolder(): Promise<boolean> {
    await this.files.shared.open();
    if (!(await this.claims.take(this.plan, this.place))) return false;
    return this.control.decideLaid(await this.files.lookBefore());
  }
}
