import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import { Disks } from '../../../common/files/disks';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import type { ActiveRuns } from '../../../common/waiting/waiting-lines.service';
import { formatNumber } from '../../../locales/formats';
import { text } from '../../../locales/text';
import { pathOf, type Section } from '../frame/sections';
import type { Concern } from './concern';
import { HouseConcerns } from './house-concerns';
import { QueueConcerns } from './queue-concerns';

/** What `views/admin/overview.hbs` shows. */
export interface OverviewView {
  title: string;
  /** Worst first. `path`: where it is mended, below the base path; null where no page does. */
  concerns: (Concern & { path: string | null; way: string })[];
  figures: { label: string; amount: string; note: string }[];
}

/** What needs the administrator now, and a few figures that say how much goes on. */
@Injectable()
export class Overview {
  constructor(
    private readonly queue: QueueConcerns,
    private readonly house: HouseConcerns,
    private readonly users: UsersRepository,
    private readonly disks: Disks,
  ) {}

  async show(person: User, sections: readonly Section[]): Promise<OverviewView> {
    const { concerns: stuck, active } = await this.queue.find(person);
    const all = [...stuck, ...(await this.house.find(active.line.situation.nowMs))];
    const worst = all.toSorted((one, other) => Number(one.tone === 'warn') - Number(other.tone === 'warn'));
    return {
      title: text('admin.title'),
      concerns: worst.map((concern) => ({ ...concern, ...wayOf(concern, sections) })),
      figures: await this.figures(active),
    };
  }

  private async figures({ held, waiting, line }: ActiveRuns): Promise<OverviewView['figures']> {
    const { runners } = line.situation;
    const alive = runners.filter(({ isAlive }) => isAlive);
    const { accounts, guests } = await this.users.countByKind();
    const disk = (await this.disks.fileSystems()).find(({ places }) => places.includes('files'));
    return [
      {
        label: text('admin.figureRunning'),
        amount: formatNumber(held.length),
        note: text('admin.figureWaiting', { count: waiting.length }),
      },
      {
        label: text('admin.figureRunners'),
        amount: formatNumber(alive.length),
        note: text('admin.figurePlaces', { count: alive.reduce((sum, { slots }) => sum + slots, 0) }),
      },
      { label: text('admin.figureAccounts'), amount: formatNumber(accounts), note: text('admin.figureGuests', { count: guests }) },
      {
        label: text('admin.figureFree'),
        amount: formatBytes(disk?.freeBytes ?? 0),
        note: text('admin.figureDisk', { total: formatBytes(disk?.totalBytes ?? 0) }),
      },
    ];
  }
}

function wayOf({ section }: Concern, sections: readonly Section[]): { path: string | null; way: string } {
  const found = sections.find(({ key }) => key === section);
  return { path: section && pathOf(sections, section), way: found ? text(found.label) : '' };
}
