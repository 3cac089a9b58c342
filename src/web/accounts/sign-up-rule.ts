import { Injectable } from '@nestjs/common';
import type { AccountLink } from '../../common/account-links/account-link.entity';
import { AccountLinks } from '../../common/account-links/account-links';
import { AppConfig } from '../../common/config/app-config';
import { ForbiddenError, InvalidInputError } from '../../common/errors';
import { isOfDomain } from '../../common/users/email-address';

/** An invitation that works, with the address that it is for. */
export type Invitation = Pick<AccountLink, 'id'> & { email: string };

/** Decides who may make an account. */
@Injectable()
export class SignUpRule {
  constructor(
    private readonly links: AccountLinks,
    private readonly config: AppConfig,
  ) {}

  /** The invitation of a link; null when it does not work, or is another kind of link. */
  async invitation(token: string): Promise<Invitation | null> {
    const { link, fault } = await this.links.open(token);
    return fault === null && link.purpose === 'invite' && link.email !== null ? { id: link.id, email: link.email } : null;
  }

  /** @throws ForbiddenError where nobody may without an invitation; InvalidInputError for `email` when it is of another domain. */
  require(email: string): void {
    const { SIGN_UP } = this.config.settings;
    if (SIGN_UP === 'invitation') throw new ForbiddenError('accounts.invitationOnly');
    if (SIGN_UP === 'closed') throw new ForbiddenError('accounts.signUpClosed');
    this.requireDomain(email);
  }

  /** @throws InvalidInputError for `email` when accounts are for the addresses of other domains. */
  requireDomain(email: string): void {
    const { SIGN_UP, SIGN_UP_DOMAINS } = this.config.settings;
    if (SIGN_UP !== 'domains' || isOfDomain(email, SIGN_UP_DOMAINS)) return;
    throw new InvalidInputError('accounts.otherDomain', { domains: SIGN_UP_DOMAINS.join(', ') }, 'email');
  }
}
