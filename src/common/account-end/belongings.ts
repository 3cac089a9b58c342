import { Injectable } from '@nestjs/common';
import { AccountLinks } from '../account-links/account-links';
import { FileTasks } from '../file-tasks/file-tasks';
import { ProjectsRepository } from '../projects/projects.repository';
import { QueueStore } from '../queue/queue-store';
import { RunsRepository } from '../queue/runs.repository';
import { SharesRepository } from '../shares/shares.repository';
import { storedText } from '../../locales/text';

/** What somebody has, in numbers. */
export interface BelongingsView {
  projects: number;
  /** Runs that wait or go on. */
  liveRuns: number;
  /** Links that open something to people without an account. */
  shares: number;
}

/** All that belongs to one account and goes with it. */
@Injectable()
export class Belongings {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly queue: QueueStore,
    private readonly tasks: FileTasks,
    private readonly shares: SharesRepository,
    private readonly links: AccountLinks,
  ) {}

  async count(ownerId: string): Promise<BelongingsView> {
    const [projects, live, shares] = await Promise.all([
      this.projects.countByOwner(ownerId),
      this.runs.liveOfOwner(ownerId),
      this.shares.countOfOwner(ownerId),
    ]);
    return { projects, liveRuns: live.length, shares };
  }

  /** Whether something goes on that nobody cancelled, or a link is there that opened something once. */
  async areOpen(ownerId: string): Promise<boolean> {
    if (await this.shares.existOfOwner(ownerId)) return true;
    return (await this.runs.liveOfOwner(ownerId)).some(({ cancelRequestedMs }) => cancelRequestedMs === null);
  }

  /**
   * Nothing goes on, and nobody looks: links close, runs are cancelled, work on files ends. What is there stays for now. Whoever thinks
   * better of it meanwhile loses nothing more from that moment on.
   * @param leavingMs when they asked for it, by the database's clock; links about the account itself that were made then or later are left
   * alone. @param leaves whether they leave still.
   */
  async close(ownerId: string, leavingMs: number, leaves: () => Promise<boolean>): Promise<void> {
    await this.links.cancel(ownerId, ['confirm', 'reset', 'move'], leavingMs);
    await this.shares.deleteOfLeaver(ownerId, leavingMs);
    const live = await this.runs.liveOfOwner(ownerId);
    for (const { id } of await this.projects.findByOwner(ownerId)) {
      if (!(await leaves())) return;
      await this.tasks.cancelOfProject(id);
      // Of those, too, whom the owner let in.
      live.push(...(await this.runs.liveOfProject(id)).filter((run) => run.ownerId !== ownerId));
    }
    const note = storedText('accounts.cancelledWithAccount');
    for (const { id } of live) if (await leaves()) await this.queue.requestCancel(id, note);
  }
}
