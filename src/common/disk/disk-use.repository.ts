import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { User } from '../users/user.entity';
import type { SpaceDetails } from '../space/space-details';
import { SpaceReservation, SpaceUsage, type ReservedFor } from '../space/space.entity';
import type { Amounts } from '../space/space.repository';

export const OWNER_ORDERS = ['bytes', 'files', 'name'] as const;
export type OwnerOrder = (typeof OWNER_ORDERS)[number];

/** What one owner uses, as it was last counted. */
export interface OwnerUse extends Amounts {
  ownerId: string;
  /** '' for somebody whose account is gone. */
  name: string;
  email: string | null;
  /** 0: never. */
  measuredMs: number;
}

/** What everybody uses: the figures that are kept, and nothing that would have to be counted on the disk. */
@Injectable()
export class DiskUseRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(SpaceUsage) private readonly usage: Repository<SpaceUsage>,
    @InjectRepository(SpaceReservation) private readonly reservations: Repository<SpaceReservation>,
  ) {
    this.now = NOW_MS[dialectOf(usage.manager.connection.options)];
  }

  async totals(): Promise<Amounts & { owners: number }> {
    const rows = await this.usage.query<Record<'bytes' | 'files' | 'owners', number | string | null>[]>(
      'SELECT SUM(used_bytes) AS bytes, SUM(used_files) AS files, COUNT(*) AS owners FROM space_usage WHERE used_files > 0',
    );
    const number = (name: 'bytes' | 'files' | 'owners') => Number(rows[0]?.[name] ?? 0);
    return { bytes: number('bytes'), files: number('files'), owners: number('owners') };
  }

  /** Owners of anything. */
  async owners(order: OwnerOrder, from: number, most: number): Promise<OwnerUse[]> {
    const query = this.usage
      .createQueryBuilder('usage')
      .leftJoin(User, 'user', 'user.id = usage.owner_id')
      .select('usage.owner_id', 'owner_id')
      .addSelect('usage.used_bytes', 'bytes')
      .addSelect('usage.used_files', 'files')
      .addSelect('usage.measured_ms', 'measured_ms')
      .addSelect('user.display_name', 'name')
      .addSelect('user.email', 'email')
      .where('usage.used_files > 0');
    if (order === 'name') query.orderBy('user.display_name');
    else query.orderBy(order === 'bytes' ? 'usage.used_bytes' : 'usage.used_files', 'DESC');
    const rows = await query.addOrderBy('usage.owner_id').offset(from).limit(most).getRawMany<Record<string, string | number | null>>();
    return rows.map((row) => ({
      ownerId: String(row['owner_id']),
      name: typeof row['name'] === 'string' ? row['name'] : '',
      email: typeof row['email'] === 'string' ? row['email'] : null,
      bytes: Number(row['bytes']),
      files: Number(row['files']),
      measuredMs: Number(row['measured_ms']),
    }));
  }

  /** What the owners who use most use it for, as it was last counted. */
  async detailsOfLargest(most: number): Promise<{ ownerId: string; details: SpaceDetails }[]> {
    const rows = await this.usage.find({ select: { ownerId: true, details: true }, order: { usedBytes: 'DESC' }, take: most });
    return rows.flatMap(({ ownerId, details }) => (details === '' ? [] : [{ ownerId, details: JSON.parse(details) as SpaceDetails }]));
  }

  /** Promised to work under way, by what it is for. */
  async reserved(): Promise<{ what: ReservedFor; count: number; bytes: number }[]> {
    const rows = await this.reservations.query<{ what: ReservedFor; n: number | string; bytes: number | string }[]>(
      `SELECT what, COUNT(*) AS n, SUM(bytes) AS bytes FROM space_reservations WHERE expires_ms > ${this.now} GROUP BY what ORDER BY what`,
    );
    return rows.map(({ what, n, bytes }) => ({ what, count: Number(n), bytes: Number(bytes) }));
  }
}
