import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ConflictError, ForbiddenError, InvalidInputError, UnavailableError } from '../../../common/errors';
import { ExternalUsers } from '../../../common/external-users/external-users';
import { DirectoryGroups } from '../../../common/groups/directory-groups';
import { IdentitiesRepository } from '../../../common/identities/identities.repository';
import type { Identity } from '../../../common/identities/identity.entity';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import type { InstitutePerson } from '../../institute/institute-person';
import { InstituteNewcomers } from './institute-newcomers';
import { JoinOffer } from './join-offer';

/** The account of somebody of the institute. */
export interface Settled {
  person: User;
  /** Whether it was made a moment ago. */
  isNew: boolean;
}

/** Which account somebody of the institute has here. Issuer and subject say so, and never an address alone. */
@Injectable()
export class InstituteAccounts implements OnApplicationBootstrap {
  private readonly logger = new Logger(InstituteAccounts.name);

  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersRepository,
    private readonly external: ExternalUsers,
    private readonly groups: DirectoryGroups,
    private readonly newcomers: InstituteNewcomers,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.groups.prepare();
  }

  /**
   * Their account, made where there is none, with groups and role as the institute says now. Nobody is let in by that alone.
   * @param network from which they come. @param separate whether they said that the account with their address is somebody else's.
   * @throws JoinOffer where an account has their address, ForbiddenError for whom the settings let no account be made, InvalidInputError
   * where that account is suspended, TooManyRequestsError.
   */
  async settle(person: InstitutePerson, network: string, separate = false): Promise<Settled> {
    this.requireGroup(person);
    const known = await this.accountOf(person);
    if (known) return { person: await this.follow(known.identity, known.user, person), isNew: false };
    const isTaken = person.email !== null && (await this.isTaken(person.email));
    if (isTaken && !separate) throw new JoinOffer(person);
    const id = await this.newcomers.make(person, network);
    const made = (await this.accountOf(person))!;
    this.logger.log(`${id} is ${JSON.stringify(person.name)} of ${person.issuer}`);
    return { person: await this.follow(made.identity, made.user, isTaken ? { ...person, email: null } : person), isNew: true };
  }

  /** @throws ForbiddenError where only people of some groups may come in this way. */
  requireGroup({ groups }: InstitutePerson): void {
    if (!this.groups.letIn(groups)) throw new ForbiddenError('institute.otherGroup');
  }

  /** @returns null when there is none. */
  async accountOf(person: InstitutePerson): Promise<{ identity: Identity; user: User } | null> {
    const identity = await this.identities.find(person);
    const user = identity && (await this.users.findById(identity.userId));
    // An account that was deleted here is made anew.
    if (identity && !user) await this.identities.forget(identity.keyHash);
    return identity && user ? { identity, user } : null;
  }

  /** From now on this account is that person's. @throws ConflictError when another is. */
  async link(person: InstitutePerson, { id: userId }: User): Promise<void> {
    const { source, issuer, subject, name } = person;
    if (!(await this.identities.add({ userId, source, issuer, subject, name, madeAccount: false })))
      throw new ConflictError('institute.ofAnother');
    this.logger.log(`${userId} is ${JSON.stringify(name)} of ${issuer}, too`);
  }

  /** What the institute says wins, at each log-in. */
  private async follow(identity: Identity, user: User, person: InstitutePerson): Promise<User> {
    // Of an account that is half gone nothing is changed any more.
    if (user.removingMs !== null) return user;
    await this.identities.markSeen(identity.keyHash, person.name);
    if (identity.madeAccount) await this.newcomers.rename(user, person);
    await this.groups.follow(user.id, person.groups);
    await this.followRole(identity, user, this.groups.makeAdministrator(person.groups));
    return (await this.users.findById(user.id))!;
  }

  /** Whom somebody here made an administrator stays one. */
  private async followRole({ keyHash, madeAdmin }: Identity, { id, isAdmin }: User, shallBe: boolean): Promise<void> {
    if (shallBe && !isAdmin) {
      await this.identities.setMadeAdmin(keyHash, true);
      await this.users.setAdmin(id, true);
      this.logger.log(`${id} is an administrator now, as a group of the institute says`);
    } else if (!shallBe && madeAdmin) {
      await this.users.setAdmin(id, false);
      await this.identities.setMadeAdmin(keyHash, false);
      this.logger.log(`${id} is an administrator no more, as the groups of the institute say`);
    }
  }

  /** Whoever the external table has under this address will come with it. */
  private async isTaken(email: string): Promise<boolean> {
    const other = await this.users.findByEmail(email);
    // Whoever is kept out does not come back as somebody else with the same address.
    if (other && other.suspendedMs !== null) throw new InvalidInputError('people.suspended', { why: other.suspendedWhy ?? '' }, 'form');
    if (other) return true;
    try {
      return await this.external.has(email);
    } catch (error) {
      throw error instanceof UnavailableError ? new UnavailableError('external.awaySignUp') : error;
    }
  }
}
