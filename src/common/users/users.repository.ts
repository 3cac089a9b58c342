import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Not, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { inParts } from '../database/in-parts';
import { likeWords } from '../database/search-words';
import { isTaken, unlessTaken } from '../database/taken';
import { User } from './user.entity';

/** A person about to be added; without times it was created and seen now, by the database's clock. */
export type NewUser = Omit<User, Defaulted> & Partial<Pick<User, Defaulted>>;
type Defaulted =
  'createdMs' | 'lastSeenMs' | 'confirmedMs' | 'leavingMs' | 'removingMs' | 'inboxMs' | 'suspendedMs' | 'suspendedWhy' | 'unwarnedMs';

/** What turns a guest into an account. */
export type AccountData = Pick<User, 'displayName' | 'isAdmin'> & { email: string; passwordHash: string };

/** Everybody who can be somebody here: accounts and guests. */
@Injectable()
export class UsersRepository {
  private readonly now: string;

  constructor(@InjectRepository(User) private readonly users: Repository<User>) {
    this.now = NOW_MS[dialectOf(users.manager.connection.options)];
  }

  findById(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** @param email in any case; addresses are stored in lower case. */
  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email: email.toLowerCase() });
  }

  findGuest(guestKeyHash: string): Promise<User | null> {
    return this.users.findOneBy({ guestKeyHash });
  }

  findByIds(ids: readonly string[]): Promise<User[]> {
    return inParts(ids, (part) => this.users.findBy({ id: In(part) }));
  }

  /** Oldest first. */
  findAccounts(): Promise<User[]> {
    return this.users.find({ where: { kind: 'account' }, order: { createdMs: 'ASC', id: 'ASC' } });
  }

  /** By the name that others see; several may have the same. */
  findAccountsByName(displayName: string): Promise<User[]> {
    return this.users.find({ where: { kind: 'account', displayName }, order: { createdMs: 'ASC', id: 'ASC' } });
  }

  /** Accounts whose address or name holds these words, in letters of any size; by name. */
  searchAccounts(words: string, most: number): Promise<User[]> {
    return this.users
      .createQueryBuilder('user')
      .where("user.kind = 'account'")
      .andWhere(`(user.email LIKE :like ESCAPE '!' OR LOWER(user.displayName) LIKE :like ESCAPE '!')`, { like: likeWords(words) })
      .orderBy('user.displayName')
      .addOrderBy('user.email')
      .addOrderBy('user.id')
      .limit(most)
      .getMany();
  }

  countAccounts(): Promise<number> {
    return this.users.countBy({ kind: 'account' });
  }

  async countByKind(): Promise<{ accounts: number; guests: number }> {
    const [accounts, guests] = await Promise.all([this.users.countBy({ kind: 'account' }), this.users.countBy({ kind: 'guest' })]);
    return { accounts, guests };
  }

  /** @returns false when the e-mail address is taken already: the unique index decides, not an earlier look. */
  async add(user: NewUser): Promise<boolean> {
    const { createdMs, lastSeenMs, ...rest } = user;
    await this.users
      .createQueryBuilder()
      .insert()
      .values({ ...rest, createdMs: createdMs ?? (() => this.now), lastSeenMs: lastSeenMs ?? (() => this.now) })
      .orIgnore()
      .execute();
    return this.users.existsBy({ id: user.id });
  }

  /**
   * Gives a guest an account; everything that was made as guest stays with the same person.
   * @returns false when the address is taken, or when the person is no guest any more.
   */
  async promoteGuest(id: string, account: AccountData): Promise<boolean> {
    if (await this.users.existsBy({ email: account.email })) return false;
    try {
      const { affected } = await this.users.update(
        { id, kind: 'guest', email: IsNull() },
        { ...account, kind: 'account', guestKeyHash: null },
      );
      return (affected ?? 0) > 0;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  /** Nothing for an account that the cleaner deletes. */
  async setPasswordHash(id: string, passwordHash: string): Promise<void> {
    await this.users.update({ id, removingMs: IsNull() }, { passwordHash });
  }

  /** Unless it changed meanwhile. */
  async replaceHash(id: string, before: string, after: string): Promise<void> {
    await repeatWhileBusy(() => this.users.update({ id, passwordHash: before }, { passwordHash: after }));
  }

  async setAdmin(id: string, isAdmin: boolean): Promise<void> {
    await this.users.update({ id }, { isAdmin });
  }

  async setDisplayName(id: string, displayName: string): Promise<void> {
    await this.users.update({ id }, { displayName });
  }

  /** Somebody proved that the address is theirs. @returns false when the account has another one by now. */
  async confirm(id: string, email: string): Promise<boolean> {
    await repeatWhileBusy(() => this.users.update({ id, email, confirmedMs: IsNull() }, { confirmedMs: () => this.now }));
    return this.users.existsBy({ id, email });
  }

  /** Gives an account another address, which counts as confirmed. @returns false when somebody has it already. */
  async moveTo(id: string, email: string): Promise<boolean> {
    if (await this.users.existsBy({ email, id: Not(id) })) return false;
    return unlessTaken(() => this.users.update({ id, kind: 'account' }, { email, confirmedMs: () => this.now }));
  }

  /**
   * Begins the end of an account: from now on nobody is logged in with it.
   * @returns when that was, by the database's clock; null when it goes already.
   */
  async leave(id: string): Promise<number | null> {
    const update = this.users
      .createQueryBuilder()
      .update()
      .set({ leavingMs: () => this.now });
    const { affected } = await repeatWhileBusy(() => update.where({ id, kind: 'account', leavingMs: IsNull() }).execute());
    return (affected ?? 0) > 0 ? ((await this.findById(id))?.leavingMs ?? null) : null;
  }

  /** Whether an account ends still, as was asked for at that time. */
  isLeaving(id: string, leavingMs: number): Promise<boolean> {
    return this.users.existsBy({ id, leavingMs });
  }

  /** Takes that back. @returns false when it is too late: the cleaner is deleting all that is theirs. */
  async stay(id: string): Promise<boolean> {
    await repeatWhileBusy(() => this.users.update({ id, removingMs: IsNull() }, { leavingMs: null }));
    return this.users.existsBy({ id, leavingMs: IsNull() });
  }

  /** Whether the person gets no mail before results are deleted. */
  async setUnwarned(id: string, isUnwarned: boolean): Promise<void> {
    const unwarnedMs = isUnwarned ? () => this.now : null;
    await repeatWhileBusy(() => this.users.update({ id }, { unwarnedMs }));
  }

  /** Keeps somebody out, from the next request on. Suspended again, only the words change. */
  async suspend(id: string, why: string): Promise<void> {
    await repeatWhileBusy(() => this.users.update({ id, suspendedMs: IsNull() }, { suspendedMs: () => this.now }));
    await repeatWhileBusy(() => this.users.update({ id }, { suspendedWhy: why }));
  }

  async endSuspension(id: string): Promise<void> {
    await repeatWhileBusy(() => this.users.update({ id }, { suspendedMs: null, suspendedWhy: null }));
  }

  /** People who asked for the end of their account, as long as it can be taken back; who asked first, first. */
  findLeaving(): Promise<User[]> {
    return this.users.find({ where: { leavingMs: Not(IsNull()), removingMs: IsNull() }, order: { leavingMs: 'ASC', id: 'ASC' } });
  }

  /** Administrators who stay, and whom nobody keeps out, the oldest first. */
  findAdministrators(): Promise<User[]> {
    const where = { kind: 'account', isAdmin: true, leavingMs: IsNull(), suspendedMs: IsNull() } as const;
    return this.users.find({ where, order: { createdMs: 'ASC', id: 'ASC' } });
  }

  /** The person was here now, by the database's clock. */
  async markSeen(id: string): Promise<void> {
    await this.users.update({ id }, { lastSeenMs: () => this.now });
  }
}
