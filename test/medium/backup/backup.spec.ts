import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { backUp, backupCommand } from '../../../src/backup/backup-command';
import { restore, restoreCommand } from '../../../src/backup/restore-command';
import { verify } from '../../../src/backup/verify';
import { readConfig } from '../../../src/common/config/app-config';
import { StartupError } from '../../../src/common/errors';
import { Run, RunEvent } from '../../../src/common/queue/run.entity';
import { ENTITIES } from '../../../src/common/database/data-source';
import { isFinal } from '../../../src/common/queue/run-state';
import { openEmptyDatabase, type TestDatabase } from '../../database';
import { compileProduct, type Product } from '../../product';
import { RunnerProcess, RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const SECRETS = { SMTP_URL: 'smtp://me:planted-mail-password@127.0.0.1:2525' };
const STRANGE_NAME = Buffer.from('stra\xdfe \n.tif', 'latin1');

/** `node dist/backup` and `node dist/restore` as people type them, beside a runner that works. */
describe('backup and restore', () => {
  let product: Product;
  let world: RunnerWorld;
  let other: TestDatabase;
  let backups: string;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    product = compileProduct();
    world = await RunnerWorld.open();
    other = await openEmptyDatabase();
    backups = join(world.database.folder, 'backups');
    stopRunner = await world.startRunner();
    await world.dataSource.query("INSERT INTO facts (name, value) VALUES ('signing_key', 'aaaabbbbccccdddd')");
    await world.dataSource.query("INSERT INTO sessions (id_hash, data, created_ms, expires_ms) VALUES ('x', 'planted-session', 1, 2)");
    fillProject(join(world.database.folder, 'files', world.project.ownerId, world.project.id));
  }, 60_000);
  afterAll(async () => {
    await stopRunner?.();
    await world.close();
    await other.close();
    product.remove();
  });

  /** What programs and people leave there. */
  function fillProject(project: string): void {
    mkdirSync(join(project, 'a', 'b'), { recursive: true });
    writeFileSync(join(project, 'a', 'b', 'large.bin'), Buffer.alloc(3_500_000, 7));
    writeFileSync(join(project, 'a-b'), 'sorted between a and a/b');
    writeFileSync(Buffer.concat([Buffer.from(`${project}/`), STRANGE_NAME]), 'no UTF-8');
    writeFileSync(join(project, 'run.sh'), 'exit 0');
    chmodSync(join(project, 'run.sh'), 0o750);
    linkSync(join(project, 'a-b'), join(project, 'second-name'));
    symlinkSync('/etc/passwd', join(project, 'link'));
    mkdirSync(join(project, 'empty'));
    execFileSync('mkfifo', [join(project, 'pipe')]);
  }

  async function call(program: 'backup' | 'restore', words: string[], settings: Record<string, string> = world.environment) {
    const env = { ...settings, ...SECRETS };
    const child = spawn(process.execPath, [join(product.home, 'dist', `${program}.js`), ...words], { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    const [status] = (await once(child, 'close')) as [number];
    return { status, stdout, stderr };
  }

  /** The same within this process, which is quicker. */
  async function within(work: () => Promise<number>) {
    let [stdout, stderr] = ['', ''];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((stdout += String(text))));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
    try {
      return { status: await work(), stdout, stderr };
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      return { status: error.exitStatus, stdout, stderr: `${stderr}${error.message}\n` };
    } finally {
      jest.restoreAllMocks();
    }
  }
  const secondBackup = (folder: string) => within(() => backUp(readConfig({ ...world.environment, ...SECRETS }), folder));
  const verified = (backup: string) => within(() => verify(backup));
  const restoreTo = (settings: Record<string, string>, backup: string) => within(() => restore(readConfig(settings), backup, false));

  const latest = () => join(backups, readdirSync(backups).sort().at(-1)!);
  const savedRuns = async (backup: string) => {
    const dataSource = new DataSource({
      type: 'better-sqlite3',
      database: join(backup, 'database.sqlite'),
      entities: ENTITIES,
      readonly: true,
    });
    await dataSource.initialize();
    const [runs, events] = [
      await dataSource.getRepository(Run).find(),
      await dataSource.getRepository(RunEvent).find({ order: { id: 'ASC' } }),
    ];
    await dataSource.destroy();
    return { runs, events };
  };

  it('saves one moment of the queue while runs come, go and end, and the results of all that had ended', async () => {
    const endless = await world.run('echo begun; while [ ! -e end ]; do sleep 0.02; done; echo over > life');
    await world.untilState(endless, 'running');
    const accepted: number[] = [];
    const done = new AbortController();
    const coming = (async () => {
      for (; !done.signal.aborted; await sleep(200)) accepted.push(await world.run('echo "said $$"; echo result > result.txt'));
    })();
    await until(async () => (await world.runs()).filter(({ state }) => state === 'succeeded').length > 3, 20_000);
    // What is younger is copied again by the next backup, to be sure.
    await sleep(2100);
    const before = [...accepted];
    const { status, stdout, stderr } = await call('backup', [backups]);
    done.abort();
    await coming;
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Saved \d+ runs, \d+ of them under way, and \d+ files \(\d+ bytes, 0 files as in the backup before\) in .+Z\.\n$/,
    );

    const { runs, events } = await savedRuns(latest());
    expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining([endless, ...before]));
    for (const run of runs) expect([run.id, events.filter(({ runId }) => runId === run.id).at(-1)?.toState]).toEqual([run.id, run.state]);
    const ended = runs.filter(({ state }) => state === 'succeeded');
    expect(ended.length).toBeGreaterThan(3);
    for (const { id } of ended) {
      expect(readFileSync(join(latest(), 'files', world.project.ownerId, world.project.id, 'runs', String(id), 'result.txt'), 'utf8')).toBe(
        'result\n',
      );
      expect(readFileSync(join(latest(), 'runs', String(id), '1', 'log'), 'utf8')).toMatch(/^said \d+\n$/);
    }
    expect(runs.find(({ id }) => id === endless)?.state).toBe('running');
    expect(await verified(latest())).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('is whole') as string,
    });
  }, 60_000);

  it('copies again only what has changed, and each backup stays whole without the others', async () => {
    const [first] = readdirSync(backups);
    await world.untilState(await world.run('while [ ! -e end ]; do sleep 0.02; done'), 'running');
    for (const word of ['one', 'two']) await world.run(`echo ${word} > result.txt`);
    const project = join('files', world.project.ownerId, world.project.id);
    writeFileSync(join(world.database.folder, project, 'a-b'), 'was written to in the meantime');
    const { status, stdout } = await secondBackup(backups);
    expect(status).toBe(0);
    expect(Number(/, (\d+) files as in/.exec(stdout)?.[1])).toBeGreaterThan(2);
    const inode = (backup: string, name: string) => statSync(join(backup, project, name)).ino;
    expect(inode(latest(), 'a/b/large.bin')).toBe(inode(join(backups, first), 'a/b/large.bin'));
    expect(readFileSync(join(latest(), project, 'a-b'), 'utf8')).toBe('was written to in the meantime');
    expect(readFileSync(join(backups, first, project, 'a-b'), 'utf8')).toBe('sorted between a and a/b');
    rmSync(join(backups, first), { recursive: true });
    expect(await verified(latest())).toMatchObject({ status: 0 });
  }, 60_000);

  it('holds no password, key or log-in', async () => {
    const [{ value }] = await world.dataSource.query<{ value: string }[]>("SELECT value FROM facts WHERE name = 'signing_key'");
    for (const secret of ['planted-mail-password', 'planted-session', value]) {
      const { status, stdout } = spawnSync('grep', ['-rl', '--devices=skip', secret, latest()], { encoding: 'utf8' });
      expect([secret, status, stdout]).toEqual([secret, 1, '']);
    }
    expect(spawnSync('grep', ['-rlq', 'was written to in the meantime', latest()]).status).toBe(0);
  });

  it('refuses what makes no sense', async () => {
    for (const words of [[], ['--all'], ['a', 'b'], ['--verify']])
      expect(await within(() => backupCommand(words))).toMatchObject({ status: 64 });
    for (const words of [[], ['--force'], ['a', 'b']]) expect(await within(() => restoreCommand(words))).toMatchObject({ status: 64 });
    expect(await secondBackup(join(world.database.folder, 'files', 'x'))).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('FILES_ROOT') as string,
    });
    expect(await restoreTo(world.environment, world.database.folder)).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('is no whole backup') as string,
    });
    expect(await restoreTo(world.environment, latest())).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('has tables already') as string,
    });
  }, 60_000);

  it('says what is damaged, and restores nothing of it', async () => {
    const victim = join(latest(), 'files', world.project.ownerId, world.project.id, 'a', 'b', 'large.bin');
    const whole = readFileSync(victim);
    const bad = Buffer.from(whole);
    bad[3_000_000] ^= 1;
    writeFileSync(victim, bad);
    const line = expect.stringMatching(/^1 damaged or missing[^\n]*\n {2}"files\/[^\n]*large\.bin" is damaged\n/) as string;
    expect(await verified(latest())).toMatchObject({ status: 1, stderr: line });
    expect(await restoreTo(place(), latest())).toMatchObject({ status: 1, stderr: line });
    const dataSource = await other.connect();
    expect(await dataSource.createQueryRunner().hasTable('queue')).toBe(false);
    expect(await restoreTo(place(), latest())).toMatchObject({
      status: 65,
      stderr: expect.stringContaining('is not empty') as string,
    });
    for (const name of ['files', 'runs']) rmSync(join(other.folder, name), { recursive: true });
    writeFileSync(victim, whole);
  }, 60_000);

  const place = () => ({ ...world.environment, ...other.environment });

  it('brings everything back into an empty place', async () => {
    const { runs } = await savedRuns(latest());
    const { status, stdout, stderr } = await call('restore', [latest()], place());
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Restored \d+ runs and \d+ files as of .+\.\nNot over then: #1, .+\n$/);

    const project = join('files', world.project.ownerId, world.project.id);
    const at = (name: string) => join(other.folder, project, name);
    expect(readFileSync(Buffer.concat([Buffer.from(`${at('')}/`), STRANGE_NAME]), 'utf8')).toBe('no UTF-8');
    expect(readFileSync(at('second-name'), 'utf8')).toBe('was written to in the meantime');
    expect(readlinkSync(at('link'))).toBe('/etc/passwd');
    expect(readdirSync(at('empty'))).toEqual([]);
    expect(existsSync(at('pipe'))).toBe(false);
    expect(statSync(at('run.sh')).mode & 0o777).toBe(0o750);
    expect(statSync(at('a/b/large.bin')).mtimeMs).toBeCloseTo(statSync(join(world.database.folder, project, 'a/b/large.bin')).mtimeMs, 0);
    expect((await restored()).map(({ id, state }) => [id, state])).toEqual(runs.map(({ id, state }) => [id, state]));
  }, 60_000);

  const restored = async () => (await other.connect()).getRepository(Run).find({ order: { id: 'ASC' } });

  it('and runners go on there: what had ended stays, what waited runs, what is gone is never started again', async () => {
    // In the old place all programs end; of that the restored place knows nothing.
    const endless = (await world.runs()).filter(({ state }) => state === 'running');
    expect(endless).toHaveLength(2);
    for (const { id } of endless) writeFileSync(world.results(id, 'end'), '');
    for (const { id } of await world.runs()) await world.untilFinal(id);
    await stopRunner();

    const before = await restored();
    const runner = new RunnerProcess(product.home, { ...place(), NODE_ENV: 'test' });
    await until(async () => (await restored()).every(({ state }) => isFinal(state) || state === 'unknown'), 30_000);
    await runner.end();
    for (const [index, run] of (await restored()).entries()) {
      const was = before[index];
      if (isFinal(was.state)) expect(run).toEqual(was);
      else if (was.state === 'queued') expect(run).toMatchObject({ state: 'succeeded', starts: 1, attempt: 1 });
      else expect(run).toMatchObject({ state: expect.stringMatching(/^(lost|unknown)$/) as string, starts: 1, attempt: 1 });
    }
    expect(before.filter(({ state }) => state === 'queued')).toHaveLength(2);
  }, 60_000);
});
