import { Injectable } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { MirrorsRepository } from '../common/external-users/mirrors.repository';
import { KeptElsewhere } from '../common/identities/kept-elsewhere';
import type { User } from '../common/users/user.entity';
import { UsersRepository } from '../common/users/users.repository';

/** The accounts that commands name. */
@Injectable()
export class AccountFinder {
  constructor(
    private readonly users: UsersRepository,
    private readonly mirrors: MirrorsRepository,
    private readonly kept: KeptElsewhere,
  ) {}

  /** @throws StartupError for people of an external table, and for those whose account the institute made. */
  async requireOwn({ id, email, displayName }: User, what: 'password' | 'address'): Promise<void> {
    if (!(await this.kept.isKept({ id }))) return;
    const where = (await this.mirrors.isExternal(id)) ? 'in the external table of people' : 'by the institute that logs them in';
    throw new StartupError(`The ${what} of ${email ?? displayName} is kept ${where}: change it there.`, EXIT_DATA);
  }

  /** @param email or the name of somebody of an external table. @throws StartupError when there is no such account. */
  async find(email: string): Promise<User> {
    const account = (await this.users.findByEmail(email.trim())) ?? (await this.byName(email.trim()));
    if (!account)
      throw new StartupError(`There is no account with the address ${email}. "node dist/admin list-users" lists them.`, EXIT_DATA);
    return account;
  }

  /** People of an external table may have no address. */
  private async byName(name: string): Promise<User | null> {
    const mirror = await this.mirrors.findByName(name);
    return mirror && this.users.findById(mirror.userId);
  }
}
