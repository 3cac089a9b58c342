import { Injectable } from '@nestjs/common';
import { AccountLinks } from '../../common/account-links/account-links';
import { FileTasks } from '../../common/file-tasks/file-tasks';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SharesRepository } from '../../common/shares/shares.repository';
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

  /** Nothing goes on, and nobody looks: runs are cancelled, work on files ends, links close. What is there stays for now. */
  async close(ownerId: string): Promise<void> {
    const note = storedText('accounts.cancelledWithAccount');
    for (const { id } of await this.runs.liveOfOwner(ownerId)) await this.queue.requestCancel(id, note);
    for (const { id } of await this.projects.findByOwner(ownerId)) await this.tasks.cancelOfProject(id);
    await this.shares.deleteOfOwner(ownerId);
    await this.links.cancel(ownerId, ['confirm', 'reset', 'move']);
  }
}
