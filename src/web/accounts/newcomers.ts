import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { FactsRepository } from '../../common/database/facts.repository';
import { ConflictError, ForbiddenError, InvalidInputError } from '../../common/errors';
import { hashOfKey } from '../../common/keys';
import { displayNameOf } from '../../common/users/email-address';
import { Passwords } from '../../common/users/passwords';
import type { User } from '../../common/users/user.entity';
import { SessionsRepository } from '../../common/users/sessions.repository';
import { UsersRepository } from '../../common/users/users.repository';
import { storedText } from '../../locales/text';
import { areGuestsByAddress } from '../http/guest-keys';
import { Confirmation } from './confirmation';

/** A guest and the key that brings the browser back to the same space. */
export interface GuestEntry {
  person: User;
  key: string;
  isNew: boolean;
}

/** Who wants an account; all of it checked. */
export interface Applicant {
  /** Lower case. */
  email: string;
  password: string;
  /** Whether somebody vouches for the address: an administrator who invited it. */
  isInvited: boolean;
}

/** Makes people: accounts, guests, and accounts out of guests. */
@Injectable()
export class Newcomers {
  constructor(
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsRepository,
    private readonly facts: FactsRepository,
    private readonly confirmation: Confirmation,
    private readonly config: AppConfig,
  ) {}

  /**
   * @param asker who asks; a guest keeps everything and becomes the account, unless others share the space.
   * @throws InvalidInputError for `email` when the address is taken: also when two ask at the same moment.
   */
  async signUp({ email, password, isInvited }: Applicant, asker: User | null): Promise<User> {
    if (asker?.kind === 'account') throw new ConflictError('accounts.alreadyAccount');
    const visitor = areGuestsByAddress(this.config) ? null : asker;
    const passwordHash = await this.passwords.hash(password);
    const isFirst = await this.isNextAdministrator();
    const account = { email, passwordHash, displayName: displayNameOf(email), isAdmin: false };
    const id = visitor?.id ?? randomUUID();
    const added = visitor
      ? await this.users.promoteGuest(id, account)
      : await this.users.add({ id, kind: 'account', guestKeyHash: null, ...account });
    if (!added) throw new InvalidInputError('accounts.emailTaken', {}, 'email');
    // Whoever holds a guest's key may have carried it to another browser: that one must not come into the account with its owner.
    if (visitor) await this.sessions.endAllOf(id);
    if (isFirst && (await this.facts.claimFirstAccount(id))) await this.users.setAdmin(id, true);
    if (isInvited) await this.confirmation.accept(id, email);
    else await this.confirmation.promote((await this.users.findById(id))!);
    return (await this.users.findById(id))!;
  }

  /** An account that was made a moment ago, by another way than a sign-up: where the first one is the administrator, it may be that. */
  async welcomeFirst(id: string): Promise<void> {
    if (!this.config.settings.FIRST_ACCOUNT_IS_ADMIN || (await this.users.countAccounts()) !== 1) return;
    if (await this.facts.claimFirstAccount(id)) await this.users.setAdmin(id, true);
  }

  /** Whether the next account becomes the administrator because it is the first. */
  async isNextAdministrator(): Promise<boolean> {
    return this.config.settings.FIRST_ACCOUNT_IS_ADMIN && (await this.users.countAccounts()) === 0;
  }

  /**
   * @param key what the browser kept from an earlier visit, or its address; a known one leads back to the same guest.
   * @param allowNew called before somebody new is made; throws to refuse.
   */
  async enterAsGuest(key: string | undefined, allowNew: () => Promise<void>): Promise<GuestEntry> {
    if (!this.config.settings.ALLOW_GUESTS) throw new ForbiddenError('accounts.guestsOff');
    const known = key === undefined ? null : await this.users.findGuest(hashOfKey(key));
    if (known?.suspendedMs != null) throw new ForbiddenError('people.suspendedGuest', { why: known.suspendedWhy ?? '' });
    if (known && key !== undefined) return { person: known, key, isNew: false };
    await allowNew();
    const id = randomUUID();
    const fresh = key !== undefined && areGuestsByAddress(this.config) ? key : randomBytes(32).toString('base64url');
    await this.users.add({
      id,
      kind: 'guest',
      email: null,
      displayName: storedText('accounts.guestName', { number: id.slice(0, 4).toUpperCase() }),
      passwordHash: null,
      guestKeyHash: hashOfKey(fresh),
      isAdmin: false,
    });
    // Two at one address may come at the same moment: the index lets one of them be made.
    const person = (await this.users.findGuest(hashOfKey(fresh)))!;
    return { person, key: fresh, isNew: person.id === id };
  }
}
