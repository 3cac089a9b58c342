import { Injectable } from '@nestjs/common';
import { Disks, type Place } from '../files/disks';
import type { FileSystem } from '../files/file-systems';
import { ProjectsRepository } from '../projects/projects.repository';
import { UsersRepository } from '../users/users.repository';
import { DiskUseRepository, type OwnerOrder, type OwnerUse } from './disk-use.repository';
import { bytesOf, type ProjectShare } from '../space/space-details';
import type { ReservedFor } from '../space/space.entity';
import type { Amounts } from '../space/space.repository';

/** Of so many owners, those who use most, what they use it for is looked at. */
const MOST_LOOKED_AT = 200;
const MOST_PROJECTS = 20;
const BATCH = 500;

export interface LargeProject {
  id: string;
  /** '' for folders that no project knows. */
  name: string;
  ownerId: string;
  ownerName: string;
  bytes: number;
  results: number;
  trash: number;
}

/** What the disks hold, whose it is, and what of it could go. */
export interface DiskSummary {
  fileSystems: FileSystem<Place>[];
  totals: Amounts & { owners: number };
  /** Of the owners who use most. */
  trash: Amounts;
  unfinished: Amounts;
  reserved: { what: ReservedFor; count: number; bytes: number }[];
  projects: LargeProject[];
}

/** Space by owner and project, for the page and for the command: from figures that are kept. */
@Injectable()
export class DiskReport {
  constructor(
    private readonly disks: Disks,
    private readonly use: DiskUseRepository,
    private readonly projects: ProjectsRepository,
    private readonly users: UsersRepository,
  ) {}

  async summary(): Promise<DiskSummary> {
    const [fileSystems, totals, reserved, largest] = await Promise.all([
      this.disks.fileSystems(),
      this.use.totals(),
      this.use.reserved(),
      this.use.detailsOfLargest(MOST_LOOKED_AT),
    ]);
    const shares = largest.flatMap(({ ownerId, details }) => details.projects.map((share) => ({ ownerId, share })));
    return {
      fileSystems,
      totals,
      reserved,
      trash: sumOf(shares.map(({ share }) => share.trash)),
      unfinished: sumOf(shares.map(({ share }) => share.unfinished)),
      projects: await this.named(shares.toSorted((one, other) => bytesOf(other.share) - bytesOf(one.share)).slice(0, MOST_PROJECTS)),
    };
  }

  owners(order: OwnerOrder, from: number, most: number): Promise<OwnerUse[]> {
    return this.use.owners(order, from, most);
  }

  /** All owners, those who use most first. */
  async *allOwners(): AsyncGenerator<OwnerUse[]> {
    for (let from = 0; ; from += BATCH) {
      const owners = await this.use.owners('bytes', from, BATCH);
      if (owners.length > 0) yield owners;
      if (owners.length < BATCH) return;
    }
  }

  private async named(shares: readonly { ownerId: string; share: ProjectShare }[]): Promise<LargeProject[]> {
    const names = new Map((await this.projects.findByIds(shares.map(({ share }) => share.projectId))).map(({ id, name }) => [id, name]));
    const owners = await this.users.findByIds([...new Set(shares.map(({ ownerId }) => ownerId))]);
    const people = new Map(owners.map(({ id, displayName }) => [id, displayName]));
    return shares.map(({ ownerId, share }) => ({
      id: share.projectId,
      name: names.get(share.projectId) ?? '',
      ownerId,
      ownerName: people.get(ownerId) ?? '',
      bytes: bytesOf(share),
      results: share.results.bytes,
      trash: share.trash.bytes,
    }));
  }
}

function sumOf(amounts: readonly Amounts[]): Amounts {
  return amounts.reduce((total, one) => ({ bytes: total.bytes + one.bytes, files: total.files + one.files }), { bytes: 0, files: 0 });
}
