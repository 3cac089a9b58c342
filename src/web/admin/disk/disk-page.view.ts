import { Injectable } from '@nestjs/common';
import { PLACE_WORDS } from '../overview/place-words';
import { DiskReport, type LargeProject } from '../../../common/disk/disk-report';
import { OWNER_ORDERS, type OwnerOrder, type OwnerUse } from '../../../common/disk/disk-use.repository';
import type { Amounts } from '../../../common/space/space.repository';
import { formatList } from '../../../locales/formats';
import { text, type TextKey } from '../../../locales/text';
import { pageNumber, pagesOf, type Pages } from '../../projects/pages';
import { address } from '../../views/helpers';

const PER_PAGE = 50;

interface DiskQuery {
  order: OwnerOrder;
  page: number;
}

/** What `views/admin/disk.hbs` shows. */
export interface DiskView {
  title: string;
  fileSystems: {
    places: string;
    usedBytes: number;
    freeBytes: number;
    totalBytes: number;
    percent: number;
    level: 'plain' | 'warn' | 'bad';
  }[];
  totals: Amounts & { owners: number };
  trash: Amounts;
  unfinished: Amounts;
  reserved: Amounts;
  projects: LargeProject[];
  owners: OwnerUse[];
  columns: { value: OwnerOrder; word: string; path: string; isSorted: boolean; isNumber: boolean }[];
  pages: Pages;
  previous: string | null;
  next: string | null;
}

const COLUMN_WORDS: Record<OwnerOrder, TextKey> = { name: 'disk.columnOwner', bytes: 'disk.columnSpace', files: 'disk.columnFiles' };

/** Anything that is odd counts as absent. */
export function readDiskQuery({ sort, page }: Readonly<Record<string, unknown>>): DiskQuery {
  return { order: OWNER_ORDERS.find((one) => one === sort) ?? 'bytes', page: pageNumber(page) };
}

/** Space by owner and project. */
@Injectable()
export class DiskPage {
  constructor(private readonly report: DiskReport) {}

  async show({ order, page }: DiskQuery): Promise<DiskView> {
    const { fileSystems, totals, trash, unfinished, reserved, projects } = await this.report.summary();
    const pages = pagesOf(page, PER_PAGE, totals.owners);
    const at = (to: number | null) => (to === null ? null : address('/admin/disk', [], { sort: order, page: to }));
    return {
      title: text('disk.title'),
      fileSystems: fileSystems.map(({ places, freeBytes, totalBytes }) => {
        const percent = totalBytes === 0 ? 0 : Math.floor((100 * (totalBytes - freeBytes)) / totalBytes);
        const level = percent >= 98 ? 'bad' : percent >= 90 ? 'warn' : 'plain';
        const words = formatList(places.map((place) => text(PLACE_WORDS[place])));
        return { places: words, usedBytes: totalBytes - freeBytes, freeBytes, totalBytes, percent, level };
      }),
      totals,
      trash,
      unfinished,
      reserved: {
        bytes: reserved.reduce((sum, one) => sum + one.bytes, 0),
        files: reserved.reduce((sum, one) => sum + one.count, 0),
      },
      projects,
      owners: await this.report.owners(order, pages.from, PER_PAGE),
      columns: (['name', 'bytes', 'files'] as const).map((value) => ({
        value,
        word: text(COLUMN_WORDS[value]),
        path: address('/admin/disk', [], { sort: value }),
        isSorted: value === order,
        isNumber: value !== 'name',
      })),
      pages,
      previous: at(pages.previous),
      next: at(pages.next),
    };
  }
}
