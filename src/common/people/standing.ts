import { Injectable, Logger } from '@nestjs/common';
import { Administrators } from '../administrators/administrators';
import { AppConfig } from '../config/app-config';
import { ConflictError, InvalidInputError } from '../errors';
import { QueueStore } from '../queue/queue-store';
import { RunsRepository } from '../queue/runs.repository';
import { SessionsRepository } from '../users/sessions.repository';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { storedText } from '../../locales/text';

const MOST_REASON = 300;

/** What a suspension ended at once. */
export interface Suspended {
  sessions: number;
  /** Runs that waited, and are cancelled. */
  cancelled: number;
  /** Runs that go on to their end. */
  running: number;
}

/** Who is an administrator, and who is kept out. For the pages and the commands alike. */
@Injectable()
export class Standing {
  private readonly logger = new Logger(Standing.name);

  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly runs: RunsRepository,
    private readonly queue: QueueStore,
    private readonly administrators: Administrators,
    private readonly config: AppConfig,
  ) {}

  /** Whether somebody could become an administrator. @throws ConflictError for guests, and for people who are kept out or leave. */
  requireAtHand({ kind, suspendedMs, leavingMs }: Pick<User, 'kind' | 'suspendedMs' | 'leavingMs'>): void {
    if (kind !== 'account') throw new ConflictError('people.guestsAreNone');
    if (suspendedMs !== null || leavingMs !== null) throw new ConflictError('people.notWhileAway');
  }

  /** @throws ConflictError as `requireAtHand`. */
  async makeAdministrator(person: User): Promise<void> {
    this.requireAtHand(person);
    await this.users.setAdmin(person.id, true);
    this.logger.log(`${person.id} is an administrator now.`);
  }

  /** Whether somebody could be an administrator no more. @throws ConflictError for the last one, and for whom the settings name. */
  async requireUnnamed(person: User): Promise<void> {
    if (this.isNamed(person)) throw new ConflictError('people.namedInSettings', { email: person.email ?? '' });
    await this.requireAnother(person);
  }

  /** @throws ConflictError as `requireUnnamed`. */
  async unmakeAdministrator(person: User): Promise<void> {
    await this.requireUnnamed(person);
    await this.users.setAdmin(person.id, false);
    await this.undoForLast(person, () => this.users.setAdmin(person.id, true));
    this.logger.log(`${person.id} is no administrator any more.`);
  }

  /** Whether somebody could be suspended. @returns the reason in one line. @throws as `suspend`. */
  async requireReason(person: User, why: string): Promise<string> {
    const reason = why.trim().replace(/\s+/g, ' ').toWellFormed();
    if (reason === '') throw new InvalidInputError('people.whyMissing', {}, 'why');
    if (reason.length > MOST_REASON) throw new InvalidInputError('people.whyLong', { most: MOST_REASON }, 'why');
    await this.requireAnother(person);
    return reason;
  }

  /**
   * Log-ins end at once, and runs that wait are cancelled; what runs goes on to its end. Everything that is theirs stays.
   * @param why which the person reads at the log-in.
   * @throws InvalidInputError for the field `why`, ConflictError for the last administrator.
   */
  async suspend(person: User, why: string): Promise<Suspended> {
    const reason = await this.requireReason(person, why);
    await this.users.suspend(person.id, reason);
    await this.undoForLast(person, () => this.users.endSuspension(person.id));
    const sessions = await this.sessions.endAllOf(person.id);
    const outcome = { sessions, ...(await this.cancelWaiting(person.id)) };
    this.logger.log(`${person.id} is suspended.`);
    return outcome;
  }

  async endSuspension(person: User): Promise<void> {
    await this.users.endSuspension(person.id);
    this.logger.log(`${person.id} is not suspended any more.`);
  }

  /** Whether ADMIN_EMAILS makes an administrator of this person at each log-in. */
  isNamed({ email }: Pick<User, 'email'>): boolean {
    return email !== null && this.config.settings.ADMIN_EMAILS.some((named) => named.toLowerCase() === email);
  }

  private async cancelWaiting(ownerId: string): Promise<Pick<Suspended, 'cancelled' | 'running'>> {
    const live = await this.runs.liveOfOwner(ownerId);
    const waiting = live.filter(({ state }) => state === 'queued' || state === 'scheduled');
    for (const { id } of waiting) await this.queue.requestCancel(id, storedText('people.cancelledSuspended'));
    return { cancelled: waiting.length, running: live.length - waiting.length };
  }

  /** @throws ConflictError for the last administrator, without whom nobody could look after the machine. */
  private async requireAnother({ id, isAdmin }: User): Promise<void> {
    if (isAdmin && !(await this.administrators.areThereBeside(id))) throw new ConflictError('accounts.lastAdministrator');
  }

  /** Two may have gone at the same moment: then both stay. */
  private async undoForLast({ id, isAdmin }: User, undo: () => Promise<void>): Promise<void> {
    if (!isAdmin || (await this.administrators.areThereBeside(id))) return;
    await undo();
    throw new ConflictError('accounts.lastAdministrator');
  }
}
