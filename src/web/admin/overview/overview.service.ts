import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import { Disks } from '../../../common/files/disks';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import type { ActiveRuns } from '../../../common/waiting/waiting-lines.service';
import { formatNumber } from '../../../locales/formats';
import { text } from '../../../locales/text';
import { pathOf, type Section } from '../frame/sections';
import { SINCE, type Concern } from './concern';
import { HouseConcerns } from './house-concerns';
import { QueueConcerns } from './queue-concerns';

/** What `views/admin/overview.hbs` shows. */
export interface OverviewView {
  title: string;
  /** Worst first. `path`: where it is mended, below the base path; null where no page does. `rest` of its sentence follows its time. */
  concerns: (Concern & { path: string | null; way: string; rest: string })[];
  /** `path`: where more of it stands; null where the reader may not go. */
  figures: { label: string; amount: string; note: string; path: string | null }[];
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
      concerns: worst.map((concern) => ({ ...concern, ...partsOf(concern), ...wayOf(concern, sections) })),
      figures: await this.figures(active, sections),
    };
  }

  private async figures({ held, waiting, line }: ActiveRuns, sections: readonly Section[]): Promise<OverviewView['figures']> {
    const { runners } = line.situation;
    const alive = runners.filter(({ isAlive }) => isAlive);
    const { accounts, guests } = await this.users.countByKind();
    const disk = (await this.disks.fileSystems()).find(({ places }) => places.includes('files'));
    return [
      {
        label: text('admin.figureRunning'),
        amount: formatNumber(held.length),
        note: text('admin.figureWaiting', { count: waiting.length }),
        path: pathOf(sections, 'queue'),
      },
      {
        label: text('admin.figureRunners'),
        amount: formatNumber(alive.length),
        note: text('admin.figurePlaces', { count: alive.reduce((sum, { slots }) => sum + slots, 0) }),
        path: pathOf(sections, 'runners'),
      },
      {
        label: text('admin.figureAccounts'),
        amount: formatNumber(accounts),
        note: text('admin.figureGuests', { count: guests }),
        path: pathOf(sections, 'people'),
      },
      {
        label: text('admin.figureFree'),
        amount: formatBytes(disk?.freeBytes ?? 0),
        note: text('admin.figureDisk', { total: formatBytes(disk?.totalBytes ?? 0) }),
        path: pathOf(sections, 'disk'),
      },
    ];
  }
}

function partsOf({ sentence }: Concern): { sentence: string; rest: string } {
  const at = sentence.lastIndexOf(SINCE);
  return at === -1 ? { sentence, rest: '' } : { sentence: sentence.slice(0, at), rest: sentence.slice(at + SINCE.length) };
}

function wayOf({ section }: Concern, sections: readonly Section[]): { path: string | null; way: string } {
  const found = sections.find(({ key }) => key === section);
  return { path: section && pathOf(sections, section), way: found ? text(found.label) : '' };
}
