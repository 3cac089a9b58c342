import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import type { Identity } from '../../../common/identities/identity.entity';
import { AccountMails } from '../../../common/mail/account-mails';
import type { User } from '../../../common/users/user.entity';
import { sourceTitle } from './source-title';

/** Tells people by mail who of the institute comes into their account from now on, or does not any more. */
@Injectable()
export class ConnectionMails {
  constructor(
    private readonly mails: AccountMails,
    private readonly config: AppConfig,
  ) {}

  /** Nothing where the account has no address. */
  async write(kind: 'connected' | 'disconnected', { email }: Pick<User, 'email'>, who: Pick<Identity, 'name' | 'source'>): Promise<void> {
    if (email === null) return;
    const values = { name: who.name, institute: sourceTitle(who.source, this.config) };
    await this.mails.write(kind, email, { values, link: `${this.config.publicUrl}/account` });
  }
}
