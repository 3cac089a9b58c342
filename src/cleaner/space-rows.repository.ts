import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import { FileDigest } from '../common/digests/file-digest.entity';
import { SpaceReservation, SpaceUsage } from '../common/space/space.entity';

const OF_NOBODY = `NOT EXISTS (SELECT 1 FROM users WHERE users.id = space_usage.owner_id)`;
const MOST_AT_ONCE = 200;

/** Rows about space and checksums as the cleaner sees them. */
@Injectable()
export class SpaceRowsRepository {
  constructor(
    @InjectRepository(SpaceReservation) private readonly reservations: Repository<SpaceReservation>,
    @InjectRepository(SpaceUsage) private readonly usage: Repository<SpaceUsage>,
    @InjectRepository(FileDigest) private readonly digests: Repository<FileDigest>,
  ) {}

  /** Reservations that expired before that time, by the database's clock. */
  countExpired(beforeMs: number): Promise<number> {
    return this.reservations.countBy({ expiresMs: LessThan(beforeMs) });
  }

  async deleteExpired(beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.reservations.delete({ expiresMs: LessThan(beforeMs) }));
  }

  countOfNobody(): Promise<number> {
    return this.usage.createQueryBuilder('space_usage').where(OF_NOBODY).getCount();
  }

  async deleteOfNobody(): Promise<void> {
    await repeatWhileBusy(() => this.usage.createQueryBuilder().delete().where(OF_NOBODY).execute());
  }

  /** Everybody whose space was ever asked about. */
  async owners(): Promise<string[]> {
    return (await this.usage.find({ select: { ownerId: true } })).map(({ ownerId }) => ownerId);
  }

  /** Projects of whose files checksums are known. */
  async projectsWithDigests(): Promise<string[]> {
    const rows = await this.digests.createQueryBuilder('digest').select('DISTINCT digest.project_id', 'id').getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  /** Noted before that time, by the database's clock. */
  digestsOf(projectId: string, beforeMs: number): Promise<FileDigest[]> {
    return this.digests.findBy({ projectId, notedMs: LessThan(beforeMs) });
  }

  async deleteDigests(digests: readonly FileDigest[]): Promise<void> {
    for (let index = 0; index < digests.length; index += MOST_AT_ONCE) {
      const keys = digests
        .slice(index, index + MOST_AT_ONCE)
        .map(({ projectId, inode, size, mtimeNs }) => ({ projectId, inode, size, mtimeNs }));
      await repeatWhileBusy(() => this.digests.createQueryBuilder().delete().where(keys).execute());
    }
  }
}
