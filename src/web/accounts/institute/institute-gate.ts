import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { ForbiddenError } from '../../../common/errors';
import type { InstitutePerson } from '../../institute/institute-person';
import { RateLimits } from '../../http/rate-limits';
import { SignUpRule } from '../sign-up-rule';

/** Whom the settings let have an account without more ado. */
@Injectable()
export class InstituteGate {
  constructor(
    private readonly rule: SignUpRule,
    private readonly limits: RateLimits,
    private readonly config: AppConfig,
  ) {}

  /** @throws ForbiddenError, InvalidInputError for people of other domains, TooManyRequestsError. */
  async require({ email }: InstitutePerson, network: string): Promise<void> {
    const { INSTITUTE_ACCOUNTS, SIGN_UP } = this.config.settings;
    if (INSTITUTE_ACCOUNTS === 'sign-up') {
      if (SIGN_UP === 'domains' && email === null) throw new ForbiddenError('institute.noAddress');
      this.rule.require(email ?? '');
      // Whom a system of one's own lets in are no more than it has people.
      await this.limits.take('signUp', network);
    }
  }
}
