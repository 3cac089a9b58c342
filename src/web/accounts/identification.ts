import { Injectable } from '@nestjs/common';
import { ExternalUsers } from '../../common/external-users/external-users';
import { Passwords } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import type { TextKey } from '../../locales/text';
import { LdapDirectory } from '../institute/ldap-directory';
import type { InstitutePerson } from '../institute/institute-person';

/** Whose name and password belong together: somebody here, somebody of the directory of the institute, or nobody. */
export type Identified = IdentifiedHere | { ofDirectory: InstitutePerson };
export type IdentifiedHere = { person: User } | { refusal: TextKey };

/** Compares names and passwords, wherever people are known. */
@Injectable()
export class Identification {
  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly external: ExternalUsers,
    private readonly directory: LdapDirectory,
  ) {}

  /** As `identifyHere`, and whoever is nobody here may be somebody of the directory. */
  async identify(entered: string, password: string): Promise<Identified> {
    const here = await this.identifyHere(entered, password);
    if ('person' in here) return here;
    const answer = await this.directory.ask(entered, password);
    if (answer === 'away') return { refusal: 'institute.directoryAway' };
    return answer === 'nobody' ? here : { ofDirectory: answer };
  }

  /** One question of each table and one comparison with a slow hash, whether there is such a person or not, and wherever they are known. */
  async identifyHere(entered: string, password: string): Promise<IdentifiedHere> {
    const local = await this.users.findByEmail(entered);
    const claim = await this.external.claim(entered, password, local);
    const own = claim.user ?? claim.own;
    const matches = await this.passwords.matches(claim.passwordHash ?? claim.own?.passwordHash, password);
    const isRight = claim.kind === 'compared' ? claim.isRight : matches;
    if (isRight && claim.master) return { person: await this.external.accept(claim, password) };
    if (isRight && own) return { person: await this.renew(own, password) };
    return { refusal: claim.kind === 'away' ? 'external.away' : 'accounts.wrongLogin' };
  }

  /** A hash that came from an older system wraps another one; now that the password is known, it gets one of its own. */
  private async renew(person: User, password: string): Promise<User> {
    const { id, passwordHash: before } = person;
    if (before !== null && this.passwords.isWrapped(before)) await this.users.replaceHash(id, before, await this.passwords.hash(password));
    return person;
  }
}
