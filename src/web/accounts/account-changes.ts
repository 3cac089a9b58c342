import { Injectable } from '@nestjs/common';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { networkOf, RateLimits } from '../http/rate-limits';
import { AddressChange } from './address-change';
import { Confirmation } from './confirmation';
import { PasswordChange } from './password-change';
import { PasswordPrompt } from './password-prompt';

/** What people change of their own account. */
@Injectable()
export class AccountChanges {
  constructor(
    private readonly users: UsersRepository,
    private readonly prompt: PasswordPrompt,
    private readonly passwords: PasswordChange,
    private readonly addresses: AddressChange,
    private readonly confirmation: Confirmation,
    private readonly limits: RateLimits,
  ) {}

  /** @param name checked. */
  rename({ id }: User, name: string): Promise<void> {
    return this.users.setDisplayName(id, name);
  }

  /** @throws InvalidInputError for the field, TooManyRequestsError. */
  requirePassword(person: User, password: string, field: string): Promise<void> {
    return this.prompt.require(person, password, field);
  }

  /** @param password checked. @param keep hash of the id of the session that goes on. @returns how many others ended. */
  wantDeletionMails({ id }: User, isWanted: boolean): Promise<void> {
    return this.users.setUnwarned(id, !isWanted);
  }

  setPassword(person: User, password: string, keep: string): Promise<number> {
    return this.passwords.set(person, password, keep);
  }

  /** @param email checked. @param address network address of the browser. @throws InvalidInputError, ConflictError, TooManyRequestsError. */
  async askForAddress(person: User, email: string, address: string | undefined): Promise<void> {
    await this.limits.takeLink(email, networkOf(address));
    await this.addresses.ask(person, email);
  }

  /** Sends the link that confirms the present address. @throws TooManyRequestsError. */
  async askToConfirm(person: User, address: string | undefined): Promise<void> {
    await this.limits.takeLink(person.email ?? '', networkOf(address));
    await this.confirmation.ask(person);
  }
}
