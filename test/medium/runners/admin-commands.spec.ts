import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PokeListener } from '../../../src/common/queue/poke-listener';
import { User } from '../../../src/common/users/user.entity';
import { aUser } from '../../factories';
import { compileProduct, type Product } from '../../product';
import { until } from '../../until';
import { WaitingStage } from '../queue-page/waiting-stage';

/** `node dist/admin` as people type it, beside a queue in use. */
describe('node dist/admin', () => {
  let product: Product;
  let stage: WaitingStage;

  beforeAll(async () => {
    product = compileProduct();
    stage = await WaitingStage.open();
  });
  beforeEach(() => stage.clear());
  afterAll(async () => {
    await stage?.close();
    product?.remove();
  });

  function admin(...words: string[]): Promise<{ status: number | null; output: string; errors: string }> {
    const environment = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', ...stage.queue.database.environment };
    const child = spawn(process.execPath, [join(product.home, 'dist', 'admin.js'), ...words], { env: environment });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, output, errors }));
    });
  }

  it('explains itself, with examples and exit statuses', async () => {
    const { status, output } = await admin('--help');
    expect(status).toBe(0);
    for (const word of ['runners', 'pause', 'drain', 'resume', 'queue', 'cancel', 'front', 'lost', 'Examples', 'Exit status'])
      expect(output).toContain(word);
  });

  it('lists runners with what they have and hold', async () => {
    expect((await admin('runners')).output).toBe('No runner was ever started here.\n');
    const runner = await stage.runner('ws-1', { gpuIds: ['0', '1'], engines: ['process', 'slurm'], remoteSlots: 3 });
    const run = await stage.going(runner, { needs: { cpu: 1500, memory: 512, gpus: 1 } });
    await stage.queue.store.beat(await stage.runner('ws-2'), 'Its disk is nearly full.');
    await stage.runner('ws-3');
    await stage.queue.silence('ws-3');
    const { status, output } = await admin('runners');
    expect(status).toBe(0);
    const lines = output.split('\n');
    expect(lines[0]).toMatch(/^RUNNER +HOST +STATE +ENGINES +PLACES +ELSEWHERE +CORES +MEMORY +GPUS +HEARD +RUNS$/);
    expect(lines[1]).toMatch(
      new RegExp(`^ws-1 +ws-1 +active +process,slurm +1/4 +0/3 +1\\.5/4 +537 MB/1\\.1 GB +0\\*,1 +\\d+ s ago +#${run.id}$`),
    );
    expect(lines[2]).toMatch(/^ws-2 +ws-2 +in trouble +process +0\/4 +- /);
    expect(lines[3]).toMatch(/^ws-3 +ws-3 +silent .* 1 h ago +-$/);
    expect(lines[4]).toBe('ws-2: Its disk is nearly full.');
  });

  it('pauses, drains and resumes one runner or all, and wakes them', async () => {
    let looks = 0;
    const ear = await PokeListener.open('127.0.0.1', () => (looks += 1));
    try {
      await stage.runner('ws-1', { pokeAddress: ear.address });
      await stage.runner('ws-2');
      const modes = () => stage.queue.sql<{ name: string; mode: string }[]>('SELECT name, mode FROM runners ORDER BY name');
      expect(await admin('pause', 'ws-1')).toMatchObject({ status: 0, output: expect.stringContaining('ws-1 is paused') as string });
      await until(() => looks > 0);
      expect((await modes()).map(({ mode }) => mode)).toEqual(['paused', 'active']);
      expect((await admin('drain', '--all')).output).toMatch(/ws-1 finishes what it has.*\nws-2 finishes/);
      expect((await modes()).map(({ mode }) => mode)).toEqual(['draining', 'draining']);
      expect(await stage.queue.sql('SELECT DISTINCT mode_by FROM runners')).toEqual([{ mode_by: 'an administrator in a shell' }]);
      expect((await admin('resume', '--all')).output).toBe('ws-1 takes runs again.\nws-2 takes runs again.\n');
      expect((await modes()).map(({ mode }) => mode)).toEqual(['active', 'active']);
      expect(await admin('resume', '--all')).toMatchObject({ status: 65, errors: 'No runner is paused or drained.\n' });
    } finally {
      ear.close();
    }
  });

  it('resumes a runner that has stopped after a drain, and says that it has to be started', async () => {
    const runner = await stage.runner('ws-1');
    await stage.runner('ws-2');
    await stage.queue.store.setRunnerMode('ws-1', 'draining');
    await stage.queue.store.retireRunner(runner);
    expect((await admin('runners')).output).toMatch(/^ws-1 +ws-1 +drained /m);
    expect((await admin('resume', '--all')).output).toBe('ws-1 is not paused any more. It takes runs when it is started again.\n');
    expect((await admin('runners')).output).toMatch(/^ws-1 +ws-1 +stopped /m);
  });

  it('lists what runs and what waits, with the sentences of the queue page', async () => {
    expect((await admin('queue')).output).toBe('Nothing runs and nothing waits.\n');
    const ada = aUser({ displayName: 'Ada L.' });
    await stage.queue.dataSource.getRepository(User).insert(ada);
    const runner = await stage.runner('ws-1', { slots: 1 });
    const run = await stage.going(runner, { ownerId: ada.id });
    await stage.queue.store.reportProgress({ runId: run.id, fence: run.fence }, 40, 'Tile 4 of 10');
    await stage.queue.sql('UPDATE queue SET started_ms = started_ms - 20000 WHERE id = ?', [run.id]);
    const next = await stage.ask({ ownerId: ada.id });
    const stuck = await stage.ask({ ownerId: ada.id, engine: 'docker' });
    const later = await stage.ask({ ownerId: ada.id, availableMs: (await stage.queue.store.nowMs()) + 7_200_000 });
    const { output } = await admin('queue');
    expect(output).toMatch(new RegExp(`^RUN .*\\n#${run.id} +running +Nuclei +Ada L\\. +ws-1 +\\d\\d:\\d\\d +Tile 4 of 10\\n\\nRUN `));
    expect(output).toMatch(
      new RegExp(`#${next} +queued +Nuclei +Ada L\\. +${await stage.sentence(next)} Expected to start at about \\d\\d:\\d\\d\\.\\n`),
    );
    expect(output).toContain('It needs Docker, which no runner offers.');
    expect(output).toMatch(new RegExp(`#${stuck} `));
    expect(output).toMatch(new RegExp(`#${later} +scheduled .*Starts at `));
  });

  it('cancels runs and moves them to the front', async () => {
    await stage.runner('ws-0', { slots: 1 });
    const [first, second] = [await stage.ask(), await stage.ask({ ownerId: 'bob' })];
    expect(await admin('front', `#${second}`)).toMatchObject({
      status: 0,
      output: `Run #${second} stands at the front of the line now.\n`,
    });
    await stage.queue.silence('ws-0');
    expect((await admin('front', String(await stage.ask({ ownerId: 'cyd', engine: 'slurm' })))).output).toMatch(
      /^Run #\d+ goes before all others now, but that is not what it waits for\. No runner is alive, so it waits until one is back\.\n$/,
    );
    const runner = await stage.runner('ws-1');
    const [claimed] = await stage.carryOn(runner);
    expect(claimed.id).toBe(second);
    expect(await admin('cancel', String(first))).toMatchObject({ status: 0, output: `Run #${first} is cancelled.\n` });
    expect((await stage.queue.run(first)).note).toBe('Cancelled by an administrator, from the command line');
    expect(await admin('cancel', String(second))).toMatchObject({ status: 0, output: `Run #${second} is being stopped.\n` });
    expect(await admin('front', String(second))).toMatchObject({ status: 65, errors: `Run #${second} does not wait.\n` });
    await stage.end(claimed);
    expect(await admin('cancel', String(second))).toMatchObject({ status: 65, errors: `Run #${second} had already ended.\n` });
  });

  it('declares runs lost of which nobody learns any more', async () => {
    const run = await stage.going(await stage.runner('ws-1'));
    expect(await admin('lost', String(run.id))).toMatchObject({
      status: 65,
      errors: `Run #${run.id} is not unknown; only such a run can be declared lost.\n`,
    });
    await stage.queue.store.doubt({ runId: run.id, fence: run.fence }, 'Its machine does not answer.');
    expect(await admin('lost', String(run.id))).toMatchObject({
      status: 0,
      output: `Run #${run.id} counts as lost now, and its place is free.\n`,
    });
    expect(await stage.queue.run(run.id)).toMatchObject({
      state: 'lost',
      note: 'Declared lost by an administrator, from the command line. Before that: Its machine does not answer.',
    });
    expect(await admin('lost', '999999')).toMatchObject({ status: 65 });
  });

  it.each([
    [['pause', 'ws-1', '--all'], 64, 'pause needs the name of one runner, or --all.'],
    [['cancel', '999999'], 65, 'There is no run #999999.'],
    [['pause', 'nobody'], 65, 'There is no runner named nobody. There are: ws-1.'],
  ])('refuses %j with %d', async (words, status, line) => {
    await stage.runner('ws-1');
    const answer = await admin(...words);
    expect(answer).toMatchObject({ status, output: '' });
    expect(answer.errors).toContain(line);
    expect(answer.errors.trim()).not.toContain('\n');
  });
});
