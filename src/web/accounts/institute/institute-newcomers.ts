import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../common/errors';
import { MirrorsRepository } from '../../../common/external-users/mirrors.repository';
import { PersonalInboxes } from '../../../common/files/personal-inboxes';
import { identityKey, IdentitiesRepository } from '../../../common/identities/identities.repository';
import { checkDisplayName } from '../../../common/users/display-name';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { storedText } from '../../../locales/text';
import type { InstitutePerson } from '../../institute/institute-person';
import { Newcomers } from '../newcomers';
import { InstituteGate } from './institute-gate';

/** Accounts that the first log-in of somebody of the institute makes. What they are called is said there. */
@Injectable()
export class InstituteNewcomers {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersRepository,
    private readonly mirrors: MirrorsRepository,
    private readonly inboxes: PersonalInboxes,
    private readonly gate: InstituteGate,
    private readonly newcomers: Newcomers,
  ) {}

  /** Without an address; `rename` gives it one. @returns the id. @throws ForbiddenError, TooManyRequestsError. */
  async make(person: InstitutePerson, network: string): Promise<string> {
    await this.gate.require(person, network);
    const id = randomUUID();
    await this.users.add({
      id,
      kind: 'account',
      email: null,
      displayName: nameOf(person),
      passwordHash: null,
      guestKeyHash: null,
      isAdmin: false,
    });
    const { source, issuer, subject, name } = person;
    if (!(await this.identities.add({ userId: id, source, issuer, subject, name, madeAccount: true }))) {
      // Two log-ins at the same moment: the key lets one of them make the account.
      await this.mirrors.discard(id);
      return (await this.identities.find(person))!.userId;
    }
    await this.newcomers.welcomeFirst(id);
    return id;
  }

  /** Takes over name and address, with the inbox of that address. An address that another account has stays there. */
  async rename(user: User, person: InstitutePerson): Promise<void> {
    await this.mirrors.setAddress(user.id, person.email ?? user.email, nameOf(person));
    const after = await this.users.findById(user.id);
    if (after) await this.inboxes.follow(user, after);
  }
}

/** The first that can be shown. */
function nameOf(person: InstitutePerson): string {
  for (const name of [person.displayName, person.name]) {
    try {
      return checkDisplayName(name.slice(0, 100));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
  return storedText('institute.nameless', { number: identityKey(person).slice(0, 4).toUpperCase() });
}
