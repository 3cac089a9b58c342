import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS, type Dialect } from '../database/dialect';
import { OwnerTransactions } from '../database/owner-transactions';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { isTaken } from '../database/taken';
import { Preset } from '../presets/preset.entity';
import { Project } from '../projects/project.entity';
import { MovedGuest } from '../users/moved-guest.entity';
import { renamed, type Named } from './free-names';

/** What one move has brought into the account. */
export interface Moved {
  projects: number;
  runs: number;
}

/** Names may be taken between the look and the move, or equal to others for a reason that only the database knows. */
const MOST_TRIES = 5;
/** Characters of a name. */
const MOST_OF_PROJECT = 200;
const MOST_OF_PRESET = 100;

/** Where an owner stands, besides `projects` and `queue`, whose rows are counted. */
const OWNED = ['sweeps', 'presets', 'inbox_links', 'file_tasks', 'space_reservations'];

/**
 * A guest's rows become an account's, all in one transaction: whatever kills the process, either all of them are the guest's still or
 * all are the account's. Files stay where they are (`Project.homeId`), so that runs and uploads under way do not notice.
 */
@Injectable()
export class GuestMovesRepository {
  private readonly sql: ReturnType<typeof statementsFor>;

  constructor(
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    @InjectRepository(Preset) private readonly presets: Repository<Preset>,
    @InjectRepository(MovedGuest) private readonly moved: Repository<MovedGuest>,
    private readonly transactions: OwnerTransactions,
  ) {
    this.sql = statementsFor(dialectOf(projects.manager.connection.options));
  }

  /**
   * Moves everything, or what came after an earlier move of the same guest into the same account; harmless when there is nothing.
   * @returns null when that is no guest (any more), or no account.
   */
  async move(guestId: string, accountId: string): Promise<Moved | null> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.tryToMove(guestId, accountId, tries === 1 ? 2 : 10 ** (tries - 1));
      } catch (error) {
        if (!isTaken(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /** Guests in whose name something was written after they had moved: by requests that were under way. */
  findUnfinished(): Promise<MovedGuest[]> {
    const owned = ['projects', 'queue', ...OWNED].map((table) => `EXISTS (SELECT 1 FROM ${table} o WHERE o.owner_id = moved.guest_id)`);
    return this.moved
      .createQueryBuilder('moved')
      .where(`(${owned.join(' OR ')})`)
      .getMany();
  }

  countUseless(): Promise<number> {
    return this.moved.createQueryBuilder('moved_guests').where(USELESS).getCount();
  }

  /** Rows of moves into accounts that are gone with all that was in them. */
  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.moved.createQueryBuilder().delete().where(USELESS).execute());
  }

  /** @param from the first number behind a name that is taken. */
  private async tryToMove(guestId: string, accountId: string, from: number): Promise<Moved | null> {
    const names = new NewNames();
    for (const { id, name } of await this.newProjectNames(guestId, accountId, from)) names.add('projects', id, name);
    for (const { id, name } of await this.newPresetNames(guestId, accountId, from)) names.add('presets', id, name);
    const { begin, projects, runs, others, end } = this.sql;
    const statements = [begin, ...names.statements, projects, runs, ...others, ...end];
    const changes = await this.transactions.run(accountId, statements, { guestId, ...names.values });
    const at = 1 + names.statements.length;
    const isMoved = await this.moved.existsBy({ guestId, accountId });
    return isMoved ? { projects: changes[at] ?? 0, runs: changes[at + 1] ?? 0 } : null;
  }

  private async newProjectNames(guestId: string, accountId: string, from: number): Promise<Named[]> {
    const all = await this.projects.find({ select: { id: true, name: true }, where: { ownerId: In([guestId, accountId]) } });
    const names = all.map(({ id, name }) => ({ id, name, group: '' }));
    const clashing = await this.projects.query<{ id: string }[]>(clashes('projects'), [guestId, accountId]);
    return renamed(only(names, clashing), names, { from, most: MOST_OF_PROJECT });
  }

  private async newPresetNames(guestId: string, accountId: string, from: number): Promise<Named[]> {
    const select = { id: true, name: true, pipelineId: true } as const;
    const all = await this.presets.find({ select, where: { ownerId: In([guestId, accountId]) } });
    const names = all.map(({ id, name, pipelineId }) => ({ id, name, group: pipelineId }));
    const clashing = await this.presets.query<{ id: string }[]>(`${clashes('presets')} AND g.pipeline_id = a.pipeline_id`, [
      guestId,
      accountId,
    ]);
    return renamed(only(names, clashing), names, { from, most: MOST_OF_PRESET });
  }
}

/** What of a guest's has a name that the account has: whether two names are the same is for the database to say, whose index refuses them. */
function clashes(table: 'projects' | 'presets'): string {
  return `SELECT g.id AS id FROM ${table} g JOIN ${table} a ON a.name = g.name WHERE g.owner_id = ? AND a.owner_id = ?`;
}

function only(names: readonly Named[], wanted: readonly { id: string }[]): Named[] {
  const ids = new Set(wanted.map(({ id }) => id));
  return names.filter(({ id }) => ids.has(id));
}

/** Statements that give rows of the guest other names, and their values. */
class NewNames {
  readonly statements: string[] = [];
  readonly values: Record<string, string> = {};

  add(table: 'projects' | 'presets', id: string, name: string): void {
    const number = this.statements.length;
    this.statements.push(`UPDATE ${table} SET name = :name${number} WHERE id = :id${number} AND owner_id = :guestId`);
    Object.assign(this.values, { [`name${number}`]: name, [`id${number}`]: id });
  }
}

const USELESS = `NOT EXISTS (SELECT 1 FROM users WHERE users.id = moved_guests.account_id)
  AND NOT EXISTS (SELECT 1 FROM projects WHERE projects.home_id = moved_guests.guest_id)`;

/** In each statement, so that none does anything without the first. */
const MOVED = 'EXISTS (SELECT 1 FROM moved_guests m WHERE m.guest_id = :guestId AND m.account_id = :ownerId)';

function statementsFor(dialect: Dialect) {
  const toAccount = (table: string) => `UPDATE ${table} SET owner_id = :ownerId WHERE owner_id = :guestId AND ${MOVED}`;
  const ofGuest = (column: string) =>
    `COALESCE((SELECT g.amount FROM (SELECT ${column} AS amount FROM space_usage WHERE owner_id = :guestId) g), 0)`;
  return {
    // A guest whose key is gone is being tidied away. Until the end of the move nobody may begin with that: without the lock MariaDB would
    // go by what the row was.
    begin: `
      INSERT INTO moved_guests (guest_id, account_id, moved_ms)
      SELECT g.id, a.id, ${NOW_MS[dialect]} FROM users g, users a
      WHERE g.id = :guestId AND g.kind = 'guest' AND g.guest_key_hash IS NOT NULL AND a.id = :ownerId AND a.kind = 'account'
        AND NOT EXISTS (SELECT 1 FROM moved_guests m WHERE m.guest_id = :guestId)${dialect === 'mariadb' ? ' FOR UPDATE' : ''}`,
    projects: toAccount('projects'),
    runs: toAccount('queue'),
    others: OWNED.map(toAccount),
    end: [
      `DELETE FROM turns WHERE owner_id = :guestId AND ${MOVED}`,
      // Old from now on, so that whoever looks next has it measured.
      `UPDATE space_usage SET used_bytes = used_bytes + ${ofGuest('used_bytes')}, used_files = used_files + ${ofGuest('used_files')},
         version = version + 1, measured_ms = CASE WHEN measured_ms = 0 THEN 0 ELSE 1 END
       WHERE owner_id = :ownerId AND ${MOVED}`,
      `DELETE FROM space_usage WHERE owner_id = :guestId AND ${MOVED}`,
      `DELETE FROM sessions WHERE user_id = :guestId AND ${MOVED}`,
      `DELETE FROM users WHERE id = :guestId AND kind = 'guest' AND ${MOVED}`,
    ],
  };
}
