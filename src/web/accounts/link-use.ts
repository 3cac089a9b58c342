import { Injectable } from '@nestjs/common';
import type { AccountLink } from '../../common/account-links/account-link.entity';
import { AccountLinks } from '../../common/account-links/account-links';
import { ConflictError, NotFoundError } from '../../common/errors';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { AddressChange } from './address-change';
import { Confirmation } from './confirmation';
import { PasswordChange } from './password-change';
import { PasswordPrompt } from './password-prompt';

/** Does what a link is for, once. All throw NotFoundError when the link was used meanwhile, or its account is gone. */
@Injectable()
export class LinkUse {
  constructor(
    private readonly users: UsersRepository,
    private readonly links: AccountLinks,
    private readonly confirmation: Confirmation,
    private readonly passwords: PasswordChange,
    private readonly addresses: AddressChange,
    private readonly prompt: PasswordPrompt,
  ) {}

  /**
   * Somebody signs up with the address of another, who gets the mail and presses the button: the account with a stranger's password would
   * count as theirs. So whoever is not logged in with the account shows that it is theirs.
   * @throws InvalidInputError for `current` when it is another password, NotFoundError.
   */
  async requireOwner({ userId }: AccountLink, password: string): Promise<void> {
    const person = userId === null ? null : await this.users.findById(userId);
    if (!person) throw new NotFoundError('accounts.linkSpent');
    await this.prompt.require(person, password);
  }

  /** @throws ConflictError when the account has another address by now. */
  async confirm(link: AccountLink): Promise<User> {
    const person = await this.spend(link);
    if (!(await this.confirmation.accept(person.id, link.email ?? ''))) throw new ConflictError('accounts.addressMoved');
    return person;
  }

  /** @throws ConflictError when somebody else has the address by now. */
  async move(link: AccountLink): Promise<User> {
    const person = await this.spend(link);
    await this.addresses.carryOut(person, link.email ?? '');
    await this.confirmation.accept(person.id, link.email ?? '');
    return person;
  }

  /** Sets the password and ends all sessions. A link that was mailed proves the address as well. @param password checked. */
  async reset(link: AccountLink, password: string): Promise<User> {
    const person = await this.spend(link);
    await this.passwords.set(person, password, null);
    if (link.email !== null) await this.confirmation.accept(person.id, link.email);
    return (await this.users.findById(person.id)) ?? person;
  }

  /** Whether somebody comes in by the link for a new password; who has to confirm the address before gets a mail about that. */
  async mayEnter(person: User): Promise<boolean> {
    if (!this.confirmation.isRequiredOf(person)) return true;
    await this.confirmation.ask(person);
    return false;
  }

  private async spend(link: AccountLink): Promise<User> {
    const person = link.userId === null ? null : await this.users.findById(link.userId);
    // Nobody comes back into an account that is half gone.
    if (!person || person.removingMs !== null || !(await this.links.use(link))) throw new NotFoundError('accounts.linkSpent');
    return person;
  }
}
