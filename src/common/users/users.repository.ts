import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { User } from './user.entity';

/** Everybody who can be somebody here: accounts and guests. */
@Injectable()
export class UsersRepository {
  constructor(@InjectRepository(User) private readonly users: Repository<User>) {}

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
    return ids.length === 0 ? Promise.resolve([]) : this.users.findBy({ id: In([...ids]) });
  }

  countAccounts(): Promise<number> {
    return this.users.countBy({ kind: 'account' });
  }

  /** @returns false when the e-mail address is taken already: the unique index decides, not an earlier look. */
  async add(user: User): Promise<boolean> {
    const result = await this.users.createQueryBuilder().insert().values(user).orIgnore().execute();
    void result;
    const stored = await this.users.findOneBy({ id: user.id });
    return stored !== null;
  }

  async setPasswordHash(id: string, passwordHash: string): Promise<void> {
    await this.users.update({ id }, { passwordHash });
  }

  async setAdmin(id: string, isAdmin: boolean): Promise<void> {
    await this.users.update({ id }, { isAdmin });
  }

  async markSeen(id: string, lastSeenMs: number): Promise<void> {
    await this.users.update({ id }, { lastSeenMs });
  }
}
