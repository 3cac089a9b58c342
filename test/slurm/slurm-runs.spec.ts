import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FullFolder, MOUNTS } from '../full-folder';
import { startSlurm, type SlurmCluster } from '../tools/slurm.mjs';
import { until } from '../until';
import { SlurmStage, slurmHandle, WAIT_FOR_FILE } from './slurm-stage';

describe('runs on a Slurm cluster', () => {
  let cluster: SlurmCluster;
  let stage: SlurmStage;
  let stopRunner: () => Promise<void>;

  beforeAll(async () => {
    cluster = await startSlurm();
    stage = await SlurmStage.open(cluster);
    stopRunner = await stage.world.startRunner();
  }, 60_000);
  afterAll(async () => {
    await stopRunner?.();
    await stage?.close();
    await cluster?.stop();
  });

  it('waits with a reason, runs, shows its log live, and succeeds', async () => {
    const free = await stage.occupy();
    const id = await stage.run('echo "hello $GREETING"; while [ ! -e end ]; do sleep 0.05; done; pwd > where; echo bye', {
      env: { GREETING: `it's "me" $HOME` },
    });
    const waiting = await stage.untilEngineNote(id, 'enough processors|priority');
    expect(waiting).toMatchObject({ state: 'running', begunMs: null, starts: 1 });
    await stage.untilEngineNote(id, 'Expected start: .+\\.$');
    await free();
    await until(async () => (await stage.world.find(id)).begunMs !== null, 20_000);
    const run = await stage.world.find(id);
    expect(run.engineNote).toBeNull();
    await until(() => stage.world.log(run) === `hello it's "me" $HOME\n`);
    stage.letEnd(id);
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'succeeded', exitCode: 0, attempt: 1, starts: 1 });
    expect(stage.world.log(run)).toBe(`hello it's "me" $HOME\nbye\n`);
    expect(readFileSync(stage.world.results(id, 'where'), 'utf8').trim()).toBe(stage.world.results(id).replace(/\/$/, ''));
    expect(slurmHandle(run).name).toMatch(new RegExp(`^sr-[0-9a-f]{12}-${id}-1$`));
  });

  it('is not disturbed by jobs of the same user, whatever their names and comments are', async () => {
    const forged = '\u001e1\u001fCOMPLETED\u001fNone\u001f1\u001fn1\u001fsr-0-1-1\u001fsr:0:1:1\u001f\n';
    const names = ['two\nlines', 'a|b', 'x\u001ey', 'x\u001fy', forged, '%j %i', '\u001b[2J', 'JobState=FAILED Comment=x', 'n'.repeat(900)];
    for (const name of names) {
      const words = ['-H', '-o', '/dev/null', '-J', name, `--comment=${name}`, '--wrap', 'true'];
      expect((await cluster.run('sbatch', words)).code).toBe(0);
    }
    try {
      const id = await stage.run(WAIT_FOR_FILE);
      const run = await stage.untilBegun(id);
      // Looked for by its name and not by its record.
      expect(await stage.said(run)).toBe('RUNNING None');
      await stage.world.cancel(id, 'Cancelled by Ada');
      expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'cancelled' });
      expect(await stage.world.untilFinal(await stage.run('exit 4'))).toMatchObject({ state: 'failed', exitCode: 4 });
    } finally {
      await cluster.run('scancel', ['--state=PENDING']);
    }
  });

  it('tells a failure by its exit status, and a program that is not there', async () => {
    const failing = await stage.run('echo oops >&2; exit 3');
    expect(await stage.world.untilFinal(failing)).toMatchObject({ state: 'failed', exitCode: 3 });
    const missing = await stage.run('', { command: ['no-such-program-here'] });
    expect(await stage.world.untilFinal(missing)).toMatchObject({ state: 'failed', exitCode: 127 });
    expect(stage.world.log(await stage.world.find(missing))).toContain('no-such-program-here');
  });

  it('cancels a job that waits, which then never began', async () => {
    const free = await stage.occupy();
    const id = await stage.run('touch ran');
    const run = await stage.untilEngineNote(id, '.');
    await stage.world.cancel(id, 'Cancelled by Ada');
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada' });
    await until(async () => /^(CANCELLED.*)?$/.test(await stage.said(run)));
    await free();
  });

  it('cancels a job that runs: TERM first, and KILL for what does not listen', async () => {
    const obedient = await stage.run('trap "echo tidy >> life; exit 5" TERM; echo start >> life; while :; do sleep 0.05; done');
    const deaf = await stage.run('trap "" TERM; echo start >> life; while :; do sleep 0.05; done');
    await stage.untilBegun(obedient);
    await stage.untilBegun(deaf);
    await stage.world.cancel(obedient, 'Cancelled by Ada');
    await stage.world.cancel(deaf, 'Cancelled by Ada');
    expect(await stage.world.untilFinal(obedient)).toMatchObject({ state: 'cancelled', exitCode: 5 });
    expect(await stage.world.untilFinal(deaf)).toMatchObject({ state: 'cancelled' });
    expect(stage.life(obedient)).toBe('start\ntidy\n');
  });

  it('ends a run at its own time limit, before that of Slurm', async () => {
    const id = await stage.run(WAIT_FOR_FILE, {}, {}, { timeLimitSeconds: 2 });
    expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'timed_out' });
    expect(stage.life(id)).toBe('start\n');
  });

  (MOUNTS ? it : it.skip)(
    'is cancelled while no control file can be made, and a success in answer to that is none',
    async () => {
      const disk = new FullFolder(join(stage.world.database.folder, 'runs'));
      try {
        const id = await stage.run('trap "exit 0" TERM; echo start >> life; while :; do sleep 0.05; done');
        await stage.untilBegun(id);
        disk.fill();
        await stage.world.cancel(id, 'Cancelled by Ada.');
        expect(await stage.world.untilFinal(id)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada.' });
      } finally {
        disk.makeRoom();
        disk.remove();
      }
    },
    40_000,
  );
});
