import { Injectable, Logger } from '@nestjs/common';
import { AccountEnd } from '../../common/account-end/account-end';
import { Administrators } from '../../common/administrators/administrators';
import { AppConfig } from '../../common/config/app-config';
import { ConflictError } from '../../common/errors';
import { AccountMails } from '../../common/mail/account-mails';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';

const DAY_MS = 86_400_000;

/** Ends accounts: at once for everybody who looks, and after some days, in which it can be taken back, for good (see the cleaner). */
@Injectable()
export class Farewell {
  private readonly logger = new Logger(Farewell.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly end: AccountEnd,
    private readonly administrators: Administrators,
    private readonly mails: AccountMails,
    private readonly config: AppConfig,
  ) {}

  /** Days, begun ones too, within which an account goes for good. @param leavingMs when its person asked for that. */
  daysLeft(leavingMs: number): number {
    return Math.max(1, Math.ceil((this.endOf(leavingMs) - Date.now()) / DAY_MS));
  }

  private endOf(leavingMs: number): number {
    return leavingMs + this.config.settings.TRASH_DAYS * DAY_MS;
  }

  /** @throws ConflictError for the last administrator, without whom nobody could look after the machine. */
  async requireAnother({ id, isAdmin }: Pick<User, 'id' | 'isAdmin'>): Promise<void> {
    if (isAdmin && !(await this.administrators.areThereBeside(id))) throw new ConflictError('accounts.lastAdministrator');
  }

  /**
   * Log-ins end, runs are cancelled, links close, and mails that wait are not sent. The cleaner does what a crash left undone.
   * @throws ConflictError for the last administrator.
   */
  async begin(person: User): Promise<void> {
    await this.requireAnother(person);
    const leavingMs = await this.users.leave(person.id);
    // Two may have asked at the same moment: then both stay.
    if (person.isAdmin && !(await this.administrators.areThereBeside(person.id))) {
      await this.users.stay(person.id);
      throw new ConflictError('accounts.lastAdministrator');
    }
    if (leavingMs === null) return;
    this.logger.log(`The account ${person.id} ends: its person asked for it.`);
    if (person.email !== null) await this.mails.write('leaving', person.email, { dayMs: this.endOf(leavingMs) });
    await this.end.close({ id: person.id, email: person.email, leavingMs });
  }
}
