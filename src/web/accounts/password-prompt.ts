import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError } from '../../common/errors';
import { Passwords } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { RateLimits } from '../http/rate-limits';

/** For so long a log-in shows as much as a password, where an account has none here. */
export const PROOF_MINUTES = 10;

/** Asks people for their password again before something that a browser left alone should not be able to do. */
@Injectable()
export class PasswordPrompt {
  constructor(
    private readonly passwords: Passwords,
    private readonly limits: RateLimits,
  ) {}

  /**
   * @param field of the form that asks, to which the refusal belongs.
   * @throws InvalidInputError when it is another password, TooManyRequestsError after some of these.
   */
  async require({ id, passwordHash }: User, password: string, field = 'current'): Promise<void> {
    if (password === '') throw new InvalidInputError('accounts.currentMissing', {}, field);
    await this.limits.take('prompt', id);
    if (!(await this.passwords.matches(passwordHash, password))) throw new InvalidInputError('accounts.currentWrong', {}, field);
    await this.limits.giveBack('prompt', id);
  }

  /** For people whose password is kept by the institute. @param provedMs when they logged in. @throws ConflictError when that is too long ago. */
  requireFresh(provedMs: number | undefined): void {
    if (provedMs === undefined || provedMs < Date.now() - PROOF_MINUTES * 60_000)
      throw new ConflictError('institute.proveAgain', { minutes: PROOF_MINUTES });
  }
}
