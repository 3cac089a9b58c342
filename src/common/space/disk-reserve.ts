import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { LimitError } from '../errors';
import { freeSpace } from '../files/free-space';
import type { SpaceReservation } from './space.entity';
import { SpaceRepository } from './space.repository';
import { StagedFiles } from './staged-files';

/** Keeps FREE_SPACE_RESERVE free on the disk of the files. */
@Injectable()
export class DiskReserve {
  constructor(
    private readonly config: AppConfig,
    private readonly repository: SpaceRepository,
    private readonly staged: StagedFiles,
  ) {}

  /** For work under way, every now and then. @throws LimitError when writing `bytes` more would eat into the reserve. */
  async requireRoom(bytes: number): Promise<void> {
    const room = await this.room();
    if (room < bytes) throw new LimitError(room <= 0 ? 'space.isFullDisk' : 'projects.noSpace');
  }

  /** Whether nothing more may be written. */
  async isFull(): Promise<boolean> {
    return (await this.room()) <= 0;
  }

  /**
   * Whether what is promised to work under way still fits, this reservation included. What has been written already is gone from the free
   * space, so that it must not count a second time; it is looked up only where that decides.
   */
  async hasRoomFor(reservation: Pick<SpaceReservation, 'id' | 'ownerId' | 'bytes'>): Promise<boolean> {
    const room = await this.room();
    const others = (await this.repository.findLive()).filter((other) => other.id !== reservation.id);
    const all = [reservation, ...others];
    return all.reduce((sum, one) => sum + one.bytes, 0) <= room || (await this.outstanding(all)) <= room;
  }

  private async outstanding(reservations: readonly Pick<SpaceReservation, 'id' | 'ownerId' | 'bytes'>[]): Promise<number> {
    let bytes = 0;
    for (const ownerId of new Set(reservations.map((one) => one.ownerId))) {
      const own = reservations.filter((one) => one.ownerId === ownerId);
      const written = await this.staged.amountsOf(ownerId, new Set(own.map(({ id }) => id)));
      for (const { id, bytes: promised } of own) bytes += Math.max(0, promised - (written.get(id)?.bytes ?? 0));
    }
    return bytes;
  }

  private async room(): Promise<number> {
    return (await freeSpace(this.config.filesRoot)) - this.config.settings.FREE_SPACE_RESERVE;
  }
}
