import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { SessionsRepository } from '../users/sessions.repository';
import { User } from '../users/user.entity';
import { ExternalUser } from './external-user.entity';

/** Somebody for whom programs may come; of whom the table shut out that is not asked any more. */
const HAS_TOKEN = `(mirror.ended_ms IS NULL AND EXISTS (
  SELECT 1 FROM api_tokens t WHERE t.user_id = mirror.user_id AND t.revoked_ms IS NULL))`;

/** Which accounts mirror whom of the external table. */
@Injectable()
export class MirrorsRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(ExternalUser) private readonly mirrors: Repository<ExternalUser>,
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly sessions: SessionsRepository,
  ) {
    this.now = NOW_MS[dialectOf(mirrors.manager.connection.options)];
  }

  /** The database may hold other keys to be equal to it: other cases, accents, blanks at the end. Those are other people. */
  async find(masterKey: string): Promise<ExternalUser | null> {
    const mirror = await this.mirrors.findOneBy({ masterKey });
    return mirror?.masterKey === masterKey ? mirror : null;
  }

  findByUser(userId: string): Promise<ExternalUser | null> {
    return this.mirrors.findOneBy({ userId });
  }

  /** By log-in name; for when the table cannot be asked. */
  async findByName(name: string): Promise<ExternalUser | null> {
    const alike = await this.mirrors.findBy({ name });
    const [only, ...more] = alike.filter((mirror) => mirror.name === name);
    return more.length > 0 ? null : (only ?? null);
  }

  async isExternal(userId: string): Promise<boolean> {
    return this.mirrors.existsBy({ userId });
  }

  /** Names by account. */
  async all(): Promise<Map<string, ExternalUser>> {
    return new Map((await this.mirrors.find()).map((mirror) => [mirror.userId, mirror]));
  }

  /** @returns false when somebody else mirrors that person already. */
  async add(userId: string, masterKey: string, name: string): Promise<boolean> {
    const values = { userId, masterKey, name, fingerprint: null, checkedMs: () => this.now, endedMs: null };
    await repeatWhileBusy(() => this.mirrors.createQueryBuilder().insert().values(values).orIgnore().execute());
    return this.mirrors.existsBy({ userId, masterKey });
  }

  /** The table said that this person may log in. */
  async markActive(userId: string, name: string): Promise<void> {
    await repeatWhileBusy(() => this.mirrors.update({ userId }, { name, checkedMs: () => this.now, endedMs: null }));
  }

  /** The table said that they may not: from now on no local hash opens anything. @returns how many sessions ended. */
  async markEnded(userId: string): Promise<number> {
    const ended = await this.dropHash(userId);
    await repeatWhileBusy(() => this.mirrors.update({ userId, endedMs: IsNull() }, { endedMs: () => this.now }));
    return ended;
  }

  /**
   * The table has another password, or none any more: who came in with the old one has to log in again. The fingerprint goes last, so that
   * what a crash leaves half done is done at the next look.
   * @returns how many sessions ended.
   */
  async dropHash(userId: string): Promise<number> {
    await repeatWhileBusy(() => this.users.update({ id: userId }, { passwordHash: null }));
    const ended = await repeatWhileBusy(() => this.sessions.endAllOf(userId));
    await repeatWhileBusy(() => this.mirrors.update({ userId }, { fingerprint: null }));
    return ended;
  }

  /** First the hash and then what it was made from: a crash between leaves a hash that nobody asks. */
  async setHash(userId: string, passwordHash: string, fingerprint: string): Promise<void> {
    // An account that the cleaner deletes may be half gone.
    await repeatWhileBusy(() => this.users.update({ id: userId, removingMs: IsNull() }, { passwordHash }));
    await repeatWhileBusy(() => this.mirrors.update({ userId }, { fingerprint }));
  }

  /** No address where another account has it. */
  async setAddress(id: string, email: string | null, displayName: string): Promise<void> {
    const other = email === null ? null : await this.users.findOneBy({ email });
    const free = other === null || other.id === id ? email : null;
    await repeatWhileBusy(() =>
      this.users.update({ id }, { email: free, displayName, confirmedMs: free === null ? null : () => this.now }),
    );
  }

  /** An account that was made a moment ago, and for nothing. */
  async discard(id: string): Promise<void> {
    await repeatWhileBusy(() => this.users.delete({ id, passwordHash: IsNull(), email: IsNull() }));
  }

  async forget(userId: string): Promise<void> {
    await repeatWhileBusy(() => this.mirrors.delete({ userId }));
  }

  /** People who are logged in, or have a token, and about whom the table was not asked for so long, the longest first. */
  due(forMs: number, most: number): Promise<ExternalUser[]> {
    return this.mirrors
      .createQueryBuilder('mirror')
      .where(`mirror.checked_ms <= ${this.now} - :forMs`, { forMs })
      .andWhere(`(EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = mirror.user_id) OR ${HAS_TOKEN})`)
      .orderBy('mirror.checked_ms')
      .limit(most)
      .getMany();
  }

  /** By the database's clock. */
  async nowMs(): Promise<number> {
    const rows = await this.mirrors.query<{ now_ms: number | string }[]>(`SELECT ${this.now} AS now_ms`);
    return Number(rows[0]?.now_ms);
  }
}
