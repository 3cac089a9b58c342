import { Injectable, Logger } from '@nestjs/common';
import { InvalidInputError } from '../../common/errors';
import type { User } from '../../common/users/user.entity';
import type { TextKey } from '../../locales/text';
import { networkOf, RateLimits } from '../http/rate-limits';
import { Entry } from './entry';
import { Identification } from './identification';
import { InstituteAccounts, type Settled } from './institute/institute-accounts';

/** What was sent to log in. */
export interface LogInForm {
  /** As the address was typed. */
  entered: string;
  password: string;
  /** Network address of the browser. */
  address: string | undefined;
  /** Whether they keep an account of which they asked for the end. */
  stays: boolean;
}

/** Finds out whether an address and a password belong together, in the same time and words whatever is wrong with them. */
@Injectable()
export class LogIn {
  private readonly logger = new Logger(LogIn.name);

  constructor(
    private readonly limits: RateLimits,
    private readonly identification: Identification,
    private readonly institute: InstituteAccounts,
    private readonly entry: Entry,
  ) {}

  /**
   * Wrong tries count per account and network, and per network.
   * @throws InvalidInputError, or TooManyRequestsError that says when to try again; JoinOffer for somebody of the directory of the institute
   * with the address of an account that is not known to be theirs.
   */
  async check(form: LogInForm): Promise<Settled> {
    const network = networkOf(form.address);
    const found = await this.counted(form, (entered) => this.identification.identify(entered, form.password));
    const settled = 'person' in found ? { person: found.person, isNew: false } : await this.institute.settle(found.ofDirectory, network);
    await this.entry.admit(settled.person, { stays: form.stays, network });
    return settled;
  }

  /** Whose account it is that has this password here; nobody is let in by that alone. @throws InvalidInputError, TooManyRequestsError. */
  async prove(form: Omit<LogInForm, 'stays'>): Promise<User> {
    return (await this.counted(form, (entered) => this.identification.identifyHere(entered, form.password))).person;
  }

  private async counted<Found extends object>(
    { entered, address }: Pick<LogInForm, 'entered' | 'address'>,
    identify: (entered: string) => Promise<Found | { refusal: TextKey }>,
  ): Promise<Exclude<Found, { refusal: TextKey }>> {
    const email = entered.trim().toLowerCase().slice(0, 254);
    const network = networkOf(address);
    await this.limits.take('logIn', network);
    await this.limits.take('logInToAccount', email, network);
    const found = await identify(entered.trim().slice(0, 254));
    if ('refusal' in found) {
      this.logger.warn(`Log-in refused for ${JSON.stringify(email)} from ${network}`);
      throw new InvalidInputError(found.refusal, {}, 'form');
    }
    await this.limits.giveBack('logIn', network);
    await this.limits.giveBack('logInToAccount', email, network);
    return found as Exclude<Found, { refusal: TextKey }>;
  }
}
