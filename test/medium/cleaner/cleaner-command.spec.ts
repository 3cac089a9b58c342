import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { openTestDatabase, type TestDatabase } from '../../database';
import { compileProduct, type Product } from '../../product';
import { until } from '../../until';

describe('node dist/cleaner', () => {
  let product: Product;
  let database: TestDatabase;

  beforeAll(async () => {
    product = compileProduct();
    database = await openTestDatabase();
  });
  afterAll(async () => {
    await database.close();
    product.remove();
  });

  function settings(more: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', ...database.environment, ...more };
  }

  function clean(words: string[], more: Record<string, string> = {}) {
    const program = join(product.home, 'dist', 'cleaner.js');
    return spawnSync(process.execPath, [program, ...words], { env: settings(more), encoding: 'utf8' });
  }

  it('prints one summary line and ends with status 0', () => {
    const { status, stdout, stderr } = clean([]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^.* info {2}\[Cleaner\] Cleaned: nothing was past its time\.\n$/);
  });

  it('lists, explains itself, and refuses what it does not know', () => {
    expect(clean(['--dry-run'])).toMatchObject({ status: 0, stdout: 'Would delete nothing: 0 files, 0 bytes. Nothing was changed.\n' });
    expect(clean(['--help']).stdout).toMatch(/^Usage: node dist\/cleaner/);
    expect(clean(['--dry'])).toMatchObject({ status: 64, stderr: 'The cleaner does not know "--dry". Try --help.\n' });
    expect(clean(['--dry-run', '--scheduled'])).toMatchObject({ status: 64 });
  });

  it('does not clean a database without tables', () => {
    const other = { DATA_DIR: join(database.folder, 'other'), DB_SOCKET: '', DATABASE_URL: '' };
    expect(clean([], other)).toMatchObject({ status: 1, stderr: expect.stringContaining('node dist/migrate') as string });
  });

  it('refuses a schedule that means no time', () => {
    const { status, stderr } = clean(['--scheduled'], { CLEANER_SCHEDULE: '61 3 * * *' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/CLEANER_SCHEDULE: .+/);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('cleans by schedule until it is told to stop', async () => {
    const program = join(product.home, 'dist', 'cleaner.js');
    const child = spawn(process.execPath, [program, '--scheduled'], { env: settings({ CLEANER_SCHEDULE: '* * * * * *' }) });
    let output = '';
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
    const ended = new Promise((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)));
    await until(() => output.split('Cleaned:').length > 2);
    child.kill('SIGTERM');
    expect([0, 'SIGTERM']).toContain(await ended);
  });
});
