import type { EntryPath } from '../../../common/files/entry-name';
import type { HandoffPlan, Laid, LogMark } from './control-files';
import { own, SharedFolder, top } from './shared-folder';

/** What the launcher told of the end: a status, or that it was killed while the program ran. */
export type LauncherEnd = { exitCode: number } | 'lost';

/**
 * The files of one run in a hand-off folder. Held files lie in the subfolder until they are renamed to the names that the launcher
 * looks at; the one that it waits for comes last, and whoever renames that one away, launcher or runner, has the run.
 */
export class HandoffFiles {
  readonly shared: SharedFolder;
  /** Where the program leaves its log and the file that tells its end. */
  readonly work: SharedFolder;

  constructor(private readonly plan: HandoffPlan) {
    const { folder, workFolder } = plan.runtime;
    this.shared = new SharedFolder(folder);
    this.work = workFolder === null ? this.shared : new SharedFolder(workFolder);
  }

  /** Writes the held files. */
  async hold(argumentsText: string): Promise<void> {
    await this.shared.open();
    await this.shared.write(this.heldArgs, argumentsText);
    await this.shared.write(this.heldId, `${this.plan.token}\n`);
  }

  async removeHeld(): Promise<void> {
    await this.shared.remove(this.heldArgs);
    await this.shared.remove(this.heldId);
  }

  /** How things look before anything is laid down, to tell later what has changed. */
  async lookBefore(): Promise<Laid> {
    return { kind: 'lay', lastRunId: await this.lastRunId(), log: await this.logMark() };
  }

  /** Whether all of it left the subfolder. */
  async isPlaced(): Promise<boolean> {
    return !(await this.shared.exists(this.heldTrigger));
  }

  /** Goes on where somebody stopped. @returns false while files of others lie in the way. */
  async place(): Promise<boolean> {
    if (await this.isPlaced()) return true;
    const [held, name] = this.waitsForArgs ? [this.heldId, this.runIdFile] : [this.heldArgs, this.argsFile];
    if ((await this.shared.exists(held)) && (await this.isInTheWay())) return false;
    await this.shared.take(held, name);
    await this.shared.take(this.heldTrigger, this.trigger);
    return true;
  }

  /** The launcher has not taken it, as far as its own files tell. */
  isWaiting(): Promise<boolean> {
    return this.shared.exists(this.trigger);
  }

  /**
   * Takes it back from the launcher.
   * @returns whether that is proof that it never began: only one of the two can rename the file.
   */
  async withdraw(): Promise<boolean> {
    if (await this.isWithdrawn()) return true;
    if (!(await this.shared.take(this.heldTrigger, this.withdrawn))) {
      if (!(await this.isOurs()) || !(await this.shared.take(this.trigger, this.withdrawn))) return false;
      // Between the two the files of the next run may have come: they go back.
      if (!(await this.isOurs())) {
        await this.shared.take(this.withdrawn, this.trigger);
        return false;
      }
    }
    await this.removeLaid();
    return true;
  }

  isWithdrawn(): Promise<boolean> {
    return this.shared.exists(this.withdrawn);
  }

  /** Removes what was laid down and never fetched, or only read, so that nothing starts it later. */
  async removeLaid(): Promise<void> {
    await this.removeHeld();
    if ((await this.shared.read(this.runIdFile)) !== this.plan.token) return;
    await this.shared.remove(this.argsFile);
    await this.shared.remove(this.runIdFile);
  }

  /** Takes away what lies there, though that proves nothing: the launcher may have read it. */
  async clearAway(): Promise<void> {
    await this.removeHeld();
    await this.shared.take(this.trigger, this.withdrawn);
    await this.removeLaid();
  }

  /** Asks the launcher to end it. */
  async askToCancel(graceMs: number): Promise<void> {
    await this.shared.write(this.of('cancel'), `${Math.ceil(graceMs / 1000)}\n`);
  }

  /** Whether the launcher that comes with Showrunner took it. */
  isAcknowledged(): Promise<boolean> {
    return this.shared.exists(this.of('ack'));
  }

  async launcherEnd(): Promise<LauncherEnd | null> {
    const word = await this.shared.read(this.of('exit'));
    if (word === null) return null;
    return /^\d{1,3}$/.test(word) ? { exitCode: Number(word) } : 'lost';
  }

  /** How many processes the launcher ended that the program had left behind. */
  async leftBehind(): Promise<number> {
    const word = await this.shared.read(this.of('left'));
    return word !== null && /^\d{1,9}$/.test(word) ? Number(word) : 0;
  }

  lastRunId(): Promise<string | null> {
    return this.work.read(top(this.plan.runtime.lastRunIdFile));
  }

  async logMark(): Promise<LogMark | null> {
    const { logFile } = this.plan.runtime;
    const entry = logFile === null ? null : await this.work.stat(top(logFile));
    return entry && { size: entry.size, mtimeMs: entry.mtimeMs };
  }

  private get waitsForArgs(): boolean {
    return this.plan.runtime.waitsFor === 'args';
  }

  private get trigger(): EntryPath {
    return this.waitsForArgs ? this.argsFile : this.runIdFile;
  }

  private get heldTrigger(): EntryPath {
    return this.waitsForArgs ? this.heldArgs : this.heldId;
  }

  private get argsFile(): EntryPath {
    return top(this.plan.runtime.argsFile);
  }

  private get runIdFile(): EntryPath {
    return top(this.plan.runtime.runIdFile);
  }

  private get heldArgs(): EntryPath {
    return this.of('args');
  }

  private get heldId(): EntryPath {
    return this.of('id');
  }

  private get withdrawn(): EntryPath {
    return this.of('withdrawn');
  }

  /** Files that another front-end, or a person, laid down. */
  private async isInTheWay(): Promise<boolean> {
    const id = await this.shared.read(this.runIdFile);
    return (await this.shared.exists(this.argsFile)) && id !== this.plan.token;
  }

  private async isOurs(): Promise<boolean> {
    return (await this.shared.read(this.runIdFile)) === this.plan.token || (await this.shared.read(this.withdrawn)) === this.plan.token;
  }

  private of(kind: string): EntryPath {
    return own(`${this.plan.token}.${kind}`);
  }
}
