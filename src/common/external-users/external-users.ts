import { randomUUID, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InvalidInputError, UnavailableError } from '../errors';
import { PersonalInboxes } from '../files/personal-inboxes';
import { isTooLong, Passwords, sha256Of } from '../users/passwords';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import type { ExternalUser } from './external-user.entity';
import { HashFingerprints } from './hash-fingerprints';
import { MasterTable, type MasterPerson } from './master-table';
import { MirrorsRepository } from './mirrors.repository';

/** What the external table, or what is known of it, says of a log-in. */
export interface Claim {
  /**
   * - `known`: somebody of the table; the local hash was made of the password that the table has.
   * - `compared`: somebody of the table of whose password nothing is known here, or something older: it was compared there.
   * - `nobody`: not in the table, or may not log in.
   * - `away`: the table cannot be asked; `passwordHash` is there when it was asked a short while ago.
   */
  kind: 'known' | 'compared' | 'nobody' | 'away';
  /** What the password is to be compared with; null: with nothing, which takes as long. */
  passwordHash: string | null;
  /** Of `compared`: whether it is the one that the table has. */
  isRight: boolean;
  master: MasterPerson | null;
  mirror: ExternalUser | null;
  user: User | null;
  /** An account that was made here, and has nothing to do with the table: it has a password of its own. */
  own: User | null;
}

const NOBODY: Claim = { kind: 'nobody', passwordHash: null, isRight: false, master: null, mirror: null, user: null, own: null };

/** People of an external table, mirrored into accounts of ours when they log in. The table stays the master of who they are. */
@Injectable()
export class ExternalUsers {
  private readonly logger = new Logger(ExternalUsers.name);

  constructor(
    private readonly table: MasterTable,
    private readonly mirrors: MirrorsRepository,
    private readonly users: UsersRepository,
    private readonly passwords: Passwords,
    private readonly fingerprints: HashFingerprints,
    private readonly inboxes: PersonalInboxes,
  ) {}

  get areConfigured(): boolean {
    return this.table.isConfigured;
  }

  isExternal(person: Pick<User, 'id'>): Promise<boolean> {
    return this.mirrors.isExternal(person.id);
  }

  /** Whether the table has somebody of this address, who will want it. @throws UnavailableError. */
  async has(email: string): Promise<boolean> {
    return this.areConfigured && (await this.table.find(email)) !== null;
  }

  /**
   * Asks the table who logs in. One question of it and one comparison, whoever it is and whether they are there.
   * @param entered name or address. @param local the account of that address.
   */
  async claim(entered: string, password: string, local: User | null): Promise<Claim> {
    if (!this.areConfigured) return { ...NOBODY, own: local };
    const own = local && !(await this.isExternal(local)) ? local : null;
    const sha256 = sha256Of(password);
    const master = await this.ask(entered);
    const isSame = timingSafeEqual(Buffer.from(sha256), Buffer.from(master === 'away' || master === null ? '0'.repeat(64) : master.sha256));
    const isRight = isSame && !isTooLong(password);
    if (master === 'away') return own ? { ...NOBODY, kind: 'away', own } : this.remembered(entered, local);
    const mirror = master && (await this.mirrors.find(master.key));
    const user = mirror && (await this.users.findById(mirror.userId));
    if (master === null || !master.isActive) {
      if (mirror) await this.end(mirror);
      return { ...NOBODY, own };
    }
    // An account that was made here keeps its address, also from people who have their account by name: its own password is asked for.
    if (own) return { ...NOBODY, own };
    const isKnown = mirror?.fingerprint === (await this.fingerprints.of(master.sha256)) && user?.passwordHash != null;
    if (isKnown) return { kind: 'known', passwordHash: user.passwordHash, isRight, master, mirror, user, own: null };
    return { kind: 'compared', passwordHash: null, isRight, master, mirror, user, own: null };
  }

  /** The password was right: writes down what the table says, and the password as argon2id. @returns the account. */
  async accept({ kind, master, user: known, mirror }: Claim, password: string): Promise<User> {
    // Of an account that is half gone nothing is taken over, and nobody gets into it.
    if (!master || (known && known.removingMs !== null)) return known!;
    const id = known && mirror ? mirror.userId : await this.make(master, mirror);
    await this.follow(id, master);
    const before = known?.passwordHash ?? null;
    if (kind === 'compared')
      await this.mirrors.setHash(id, await this.passwords.wrap(master.sha256), await this.fingerprints.of(master.sha256));
    else if (before !== null && this.passwords.isWrapped(before))
      await this.users.replaceHash(id, before, await this.passwords.hash(password));
    return (await this.users.findById(id))!;
  }

  /**
   * Takes over name and address, with the inbox of that address. When the table has another password, it voids the local hash and ends the
   * sessions.
   */
  async follow(userId: string, master: MasterPerson): Promise<void> {
    const mirror = await this.mirrors.findByUser(userId);
    if (mirror?.fingerprint != null && mirror.fingerprint !== (await this.fingerprints.of(master.sha256))) {
      const count = await this.mirrors.dropHash(userId);
      this.logger.log(`${userId} has another password in the external table; ${count} sessions ended`);
    }
    const before = await this.users.findById(userId);
    await this.mirrors.setAddress(userId, master.email, displayNameOf(master));
    const after = await this.users.findById(userId);
    if (before && after) await this.inboxes.follow(before, after);
    await this.mirrors.markActive(userId, master.name);
  }

  /** The account of somebody of the table, made where there is none: for what is theirs before they ever log in. @returns its id. */
  async mirror(master: MasterPerson): Promise<string> {
    const mirror = await this.mirrors.find(master.key);
    const user = mirror && (await this.users.findById(mirror.userId));
    const id = user?.id ?? (await this.make(master, mirror));
    await this.follow(id, master);
    return id;
  }

  /** The table does not let them in any more. */
  async end(mirror: ExternalUser): Promise<void> {
    const count = await this.mirrors.markEnded(mirror.userId);
    if (mirror.endedMs !== null && count === 0) return;
    this.logger.log(`${mirror.userId} may not log in any more, as the external table says; ${count} sessions ended`);
  }

  private async ask(entered: string): Promise<MasterPerson | null | 'away'> {
    try {
      return await this.table.find(entered);
    } catch (error) {
      if (error instanceof UnavailableError) return 'away';
      throw error;
    }
  }

  private async remembered(entered: string, local: User | null): Promise<Claim> {
    const mirror = (local && (await this.mirrors.findByUser(local.id))) ?? (await this.mirrors.findByName(entered));
    const user = mirror && (await this.users.findById(mirror.userId));
    const isRecent = mirror?.endedMs === null && mirror.checkedMs > (await this.mirrors.nowMs()) - this.table.graceMs;
    const passwordHash = isRecent && mirror.fingerprint !== null ? (user?.passwordHash ?? null) : null;
    return { ...NOBODY, kind: 'away', passwordHash, mirror, user };
  }

  private async make(master: MasterPerson, stale: ExternalUser | null): Promise<string> {
    // An account that was deleted here is made anew.
    if (stale) await this.mirrors.forget(stale.userId);
    const id = randomUUID();
    const account = { email: null, displayName: displayNameOf(master), passwordHash: null, guestKeyHash: null, isAdmin: false };
    await this.users.add({ id, kind: 'account', ...account });
    if (await this.mirrors.add(id, master.key, master.name)) {
      this.logger.log(`${id} mirrors ${JSON.stringify(master.name)} of the external table`);
      return id;
    }
    // Two log-ins at the same moment: the index lets one of them make the account.
    await this.mirrors.discard(id);
    const other = await this.mirrors.find(master.key);
    if (other) return other.userId;
    this.logger.error(`${JSON.stringify(master.key)} cannot be mirrored: the database holds it to be equal to the id of somebody else`);
    throw new InvalidInputError('accounts.wrongLogin', {}, 'form');
  }
}

/** What others see: never the domain. */
function displayNameOf({ name }: MasterPerson): string {
  const at = name.lastIndexOf('@');
  return (at > 0 ? name.slice(0, at) : name).slice(0, 100);
}
