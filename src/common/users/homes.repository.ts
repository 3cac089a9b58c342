import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { MovedGuest } from './moved-guest.entity';

/** Whose is which home: the folder of the person for whom projects were made (`ProjectFiles`). */
@Injectable()
export class HomesRepository {
  constructor(@InjectRepository(MovedGuest) private readonly moved: Repository<MovedGuest>) {}

  /** All homes of a person: their own, and those of guests who moved into the account. */
  async homesOf(ownerId: string): Promise<string[]> {
    const rows = await this.moved.find({
      select: { guestId: true },
      where: { accountId: ownerId },
      order: { movedMs: 'ASC', guestId: 'ASC' },
    });
    return [ownerId, ...rows.map(({ guestId }) => guestId)];
  }

  /** Whose the home is by now; also for work under way that knows the guest who asked for it. */
  async ownerOf(homeId: string): Promise<string> {
    return (await this.moved.findOneBy({ guestId: homeId }))?.accountId ?? homeId;
  }
}
