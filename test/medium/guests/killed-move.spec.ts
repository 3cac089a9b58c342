import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { OwnerTransactions } from '../../../src/common/database/owner-transactions';
import { GuestsRepository } from '../../../src/common/cleaning/guests.repository';
import { GuestMovesRepository } from '../../../src/common/guests/guest-moves.repository';
import { Preset } from '../../../src/common/presets/preset.entity';
import { Project } from '../../../src/common/projects/project.entity';
import { MovedGuest } from '../../../src/common/users/moved-guest.entity';
import { Session } from '../../../src/common/users/session.entity';
import { User } from '../../../src/common/users/user.entity';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aGuest, aProject, aUser } from '../../factories';
import { until } from '../../until';

const onMariadb = process.env['TEST_MARIADB_SOCKET'] ? it : it.skip;
const HOME = join(__dirname, '..', '..', '..');

describe('a move of a guest into an account that takes long', () => {
  let database: TestDatabase;
  let rows: DataSource;
  let moves: GuestMovesRepository;

  beforeAll(async () => {
    database = await openTestDatabase();
    rows = await database.connect();
    const transactions = new OwnerTransactions(rows, new DatabaseMutex());
    moves = new GuestMovesRepository(rows.getRepository(Project), rows.getRepository(Preset), rows.getRepository(MovedGuest), transactions);
  });
  afterAll(() => database?.close());

  const ownersOf = async (guestId: string) => (await rows.getRepository(Project).findBy({ homeId: guestId })).map(({ ownerId }) => ownerId);

  async function pair(): Promise<{ guest: User; account: User }> {
    const [guest, account] = [aGuest(), aUser()];
    await rows.getRepository(User).insert([guest, account]);
    await rows.getRepository(Project).insert(Array.from({ length: 3 }, (_, n) => aProject({ ownerId: guest.id, name: `Spleen ${n}` })));
    return { guest, account };
  }

  /** Makes one of the statements of a move last, seconds on MariaDB, and longer than anybody waits on SQLite. */
  async function slowDown(table: string, event: string): Promise<void> {
    if (database.kind === 'mariadb')
      return void (await rows.query(
        `CREATE TRIGGER slow ${event} ON ${table} FOR EACH ROW BEGIN DECLARE nothing INT; SET nothing = SLEEP(1); END`,
      ));
    await rows.query('CREATE TABLE numbers (n integer)');
    await rows.query(
      'WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 3000) INSERT INTO numbers SELECT n FROM counted',
    );
    await rows.query(
      `CREATE TRIGGER slow ${event} ON ${table} BEGIN SELECT COUNT(*) FROM numbers a, numbers b, numbers c WHERE a.n + b.n = c.n; END`,
    );
  }

  async function isUnderWay(): Promise<boolean> {
    if (database.kind === 'mariadb')
      return (
        (await rows.query<unknown[]>("SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep'"))
          .length > 0
      );
    if (database.config.database.kind !== 'sqlite') return false;
    const handle = new Database(database.config.database.path, { timeout: 0 });
    try {
      handle.exec('BEGIN IMMEDIATE; ROLLBACK');
      return false;
    } catch {
      return true;
    } finally {
      handle.close();
    }
  }

  it('leaves everything on one side or the other when its process is killed in the middle', async () => {
    const { guest, account } = await pair();
    // The last statement of all, when the rows have their new owner already.
    await slowDown('users', 'BEFORE DELETE');
    const script = ['--require', './test/tools/load-typescript.cjs', join(__dirname, 'mover.ts'), guest.id, account.id];
    const mover = spawn(process.execPath, script, {
      cwd: HOME,
      env: { PATH: process.env['PATH'], ...database.environment },
      stdio: 'inherit',
    });
    await until(isUnderWay, 30_000);
    mover.kill('SIGKILL');
    await once(mover, 'exit');
    // MariaDB has the whole move in its hands, and may finish it without the process.
    await until(async () => !(await isUnderWay()), 10_000);
    await rows.query('DROP TRIGGER slow');
    const [owner, ...others] = [...new Set(await ownersOf(guest.id))];
    expect(others).toEqual([]);
    const isThere = await rows.getRepository(User).existsBy({ id: guest.id });
    const isMoved = await rows.getRepository(MovedGuest).existsBy({ guestId: guest.id });
    expect([isThere, isMoved]).toEqual(owner === guest.id ? [true, false] : [false, true]);
    if (database.kind === 'sqlite') expect(owner).toBe(guest.id);
    expect(await moves.move(guest.id, account.id)).not.toBeNull();
    expect(new Set(await ownersOf(guest.id))).toEqual(new Set([account.id]));
  }, 45_000);

  // SQLite lets nobody write in between.
  onMariadb('keeps the cleaner from the space of the guest until it is over', async () => {
    const { guest, account } = await pair();
    const guests = new GuestsRepository(rows.getRepository(User), rows.getRepository(Project), rows.getRepository(Session));
    await slowDown('moved_guests', 'AFTER INSERT');
    const moving = moves.move(guest.id, account.id);
    await until(isUnderWay, 5_000);
    // The time of the guest is over; from a lock-out on the files would go.
    expect(await guests.lockOut(guest.id, Date.now())).toBe(false);
    expect(await moving).toEqual({ projects: 3, runs: 0 });
    await rows.query('DROP TRIGGER slow');
    expect(new Set(await ownersOf(guest.id))).toEqual(new Set([account.id]));

    const late = await pair();
    expect(await guests.lockOut(late.guest.id, Date.now())).toBe(true);
    expect(await moves.move(late.guest.id, late.account.id)).toBeNull();
  });
});
