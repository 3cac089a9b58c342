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
    if ((await this.room()) < bytes) throw new LimitError('projects.noSpace');
  }

  /**
   * Whether there is room for a reservation beside all others. What those have written already is gone from the free space, so that it
   * must not count a second time; it is looked up only where that decides.
   */
  async hasRoomFor(id: string, bytes: number): Promise<boolean> {
    const room = (await this.room()) - bytes;
    if (room < 0) return false;
    const others = (await this.repository.findLive()).filter((other) => other.id !== id);
    const promised = others.reduce((sum, other) => sum + other.bytes, 0);
    return promised <= room || (await this.outstanding(others)) <= room;
  }

  private async outstanding(reservations: readonly SpaceReservation[]): Promise<number> {
    let bytes = 0;
    for (const reservation of reservations) {
      const written = await this.staged.amountOf(reservation.ownerId, reservation.id);
      bytes += Math.max(0, reservation.bytes - written.bytes);
    }
    return bytes;
  }

  private async room(): Promise<number> {
    return (await freeSpace(this.config.filesRoot)) - this.config.settings.FREE_SPACE_RESERVE;
  }
}
