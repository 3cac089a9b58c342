import { Injectable } from '@nestjs/common';
import { MirrorsRepository } from '../external-users/mirrors.repository';
import type { User } from '../users/user.entity';
import { IdentitiesRepository } from './identities.repository';

/** Whose name, address and password are those of another system: an external table, or the institute. */
@Injectable()
export class KeptElsewhere {
  constructor(
    private readonly mirrors: MirrorsRepository,
    private readonly identities: IdentitiesRepository,
  ) {}

  async isKept({ id }: Pick<User, 'id'>): Promise<boolean> {
    return (await this.mirrors.isExternal(id)) || (await this.identities.madeAccount(id));
  }

  /** What such a system calls them; null for people whom none knows. */
  async nameOf({ id }: Pick<User, 'id'>): Promise<string | null> {
    const mirror = await this.mirrors.findByUser(id);
    return mirror?.name ?? (await this.identities.ofUser(id))[0]?.name ?? null;
  }
}
