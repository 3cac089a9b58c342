import { Injectable } from '@nestjs/common';
import { AccountLinks } from '../../common/account-links/account-links';
import { ConflictError, ForbiddenError, InvalidInputError, UnavailableError } from '../../common/errors';
import { ExternalUsers } from '../../common/external-users/external-users';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { networkOf, RateLimits } from '../http/rate-limits';
import { Newcomers, type Applicant } from './newcomers';
import { SignUpRule, type Invitation } from './sign-up-rule';

/** Somebody at the form for a new account. */
export interface SignUpWish {
  applicant: Applicant;
  /** The one by which they came, as far as it works. */
  invitation: Invitation | null;
  visitor: User | null;
  /** Network address of the browser. */
  address: string | undefined;
}

/** Makes accounts for those who may have one. */
@Injectable()
export class SignUp {
  constructor(
    private readonly newcomers: Newcomers,
    private readonly rule: SignUpRule,
    private readonly links: AccountLinks,
    private readonly limits: RateLimits,
    private readonly external: ExternalUsers,
    private readonly users: UsersRepository,
  ) {}

  /** Whether the next account becomes the administrator because it is the first. */
  isNextAdministrator(): Promise<boolean> {
    return this.newcomers.isNextAdministrator();
  }

  /**
   * @throws InvalidInputError for `email` when it is taken or of another domain, ForbiddenError for whom nobody invited, and
   * TooManyRequestsError that says when to try again.
   */
  async signUp({ applicant, invitation, visitor, address }: SignUpWish): Promise<User> {
    if (!invitation) this.rule.require(applicant.email);
    if (visitor?.kind === 'account') throw new ConflictError('accounts.alreadyAccount');
    await this.limits.take('signUp', networkOf(address));
    await this.requireFree(applicant.email);
    // An invitation is not spent for nothing.
    if (await this.users.findByEmail(applicant.email)) throw new InvalidInputError('accounts.emailTaken', {}, 'email');
    if (invitation && !(await this.links.use(invitation))) throw new ForbiddenError('accounts.invitationSpent');
    return this.newcomers.signUp(applicant, visitor);
  }

  /** Whoever the external table has under this address will come with it. */
  private async requireFree(email: string): Promise<void> {
    try {
      if (await this.external.has(email)) throw new InvalidInputError('accounts.emailTaken', {}, 'email');
    } catch (error) {
      throw error instanceof UnavailableError ? new InvalidInputError('external.awaySignUp', {}, 'form') : error;
    }
  }
}
