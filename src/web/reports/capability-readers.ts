import { Injectable } from '@nestjs/common';
import { SharesRepository } from '../../common/shares/shares.repository';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import type { Grant } from '../http/access/policy';
import type { CapabilityReader } from './capability';

/** Who looks at a run: somebody logged in, or whoever came by a link. */
export interface RunViewer {
  person: User | null;
  grant: Grant | null;
}

/** Finds those who handed out a right to files, as they are now. */
@Injectable()
export class CapabilityReaders {
  constructor(
    private readonly users: UsersRepository,
    private readonly shares: SharesRepository,
  ) {}

  /** What the policy is asked with: nobody, where the person or the link is gone, or the person is kept out. */
  async find({ by, id }: CapabilityReader): Promise<{ person: User | null; grants: Grant[] }> {
    if (by === 'person') {
      const person = await this.users.findById(id);
      const isHere = person !== null && person.leavingMs === null && person.suspendedMs === null;
      return { person: isHere ? person : null, grants: [] };
    }
    const share = await this.shares.findLiveById(id);
    return { person: null, grants: share ? [share] : [] };
  }
}
