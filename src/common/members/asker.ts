import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { GroupsRepository } from '../groups/groups.repository';
import type { User } from '../users/user.entity';

/** What decides to whom somebody counts, where people are named. */
export interface Asker {
  id: string;
  isAdmin: boolean;
  kind: User['kind'];
  groupIds: ReadonlySet<string>;
  /** In lower case; null where it is not proved to be theirs. */
  address: string | null;
}

/** Looks up the groups and the address of somebody. */
@Injectable()
export class Askers {
  constructor(
    private readonly groups: GroupsRepository,
    private readonly config: AppConfig,
  ) {}

  async of(person: User): Promise<Asker> {
    const { id, isAdmin, kind } = person;
    const groupIds = kind === 'account' ? await this.groups.groupIdsOf(id) : [];
    return { id, isAdmin, kind, groupIds: new Set(groupIds), address: this.addressOf(person) };
  }

  /** Where mails are sent, whoever only typed an address is not believed. */
  private addressOf({ kind, email, confirmedMs }: User): string | null {
    const isProved = confirmedMs !== null || this.config.settings.SMTP_URL === undefined;
    return kind === 'account' && isProved ? email : null;
  }
}
