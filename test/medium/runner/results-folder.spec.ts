import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { AppConfig, readConfig } from '../../../src/common/config/app-config';
import type { Run } from '../../../src/common/queue/run.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { Assignments } from '../../../src/runner/assignments';
import { RunnerModule } from '../../../src/runner/runner.module';
import { aCapacity } from '../../factories';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

describe('the folder for results', () => {
  let world: RunnerWorld;
  let folder: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    world = await RunnerWorld.open();
    folder = join(world.database.config.filesRoot, world.project.ownerId, world.project.id);
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop?.();
    await world?.close();
  });

  it('is refused with a sentence when something else has its place', async () => {
    symlinkSync('/tmp', join(folder, 'runs'));
    const run = await world.untilFinal(await world.run('exit 0'));
    expect(run).toMatchObject({ state: 'failed', note: expect.stringContaining('was replaced by something else') });
    rmSync(join(folder, 'runs'));
    mkdirSync(join(folder, 'runs'));
    expect(await world.untilFinal(await world.run('exit 0'))).toMatchObject({ state: 'succeeded' });
  });

  it('does not bring back a project that is being deleted', async () => {
    rmSync(folder, { recursive: true });
    const run = await world.untilFinal(await world.run('exit 0'));
    expect(run).toMatchObject({ state: 'failed', note: 'The project was deleted before the run could start.' });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the folder for results of an attempt that was taken over', () => {
  const old = { ...aCapacity({ name: 'old' }), incarnation: 'old', host: 'old', bootId: 'x', pokeAddress: null };
  let world: RunnerWorld;
  let assignments: Assignments;
  let runs: RunsRepository;
  let closeModule = () => Promise.resolve();
  let stop = () => Promise.resolve();

  beforeEach(async () => {
    world = await RunnerWorld.open();
    const module = await Test.createTestingModule({ imports: [RunnerModule] })
      .overrideProvider(AppConfig)
      .useValue(readConfig({ ...world.environment, RUNNER_NAME: 'old' }))
      .compile();
    closeModule = () => module.close();
    assignments = module.get(Assignments);
    runs = module.get(RunsRepository, { strict: false });
  });
  afterEach(async () => {
    await stop();
    await closeModule();
    await world.close();
  });

  /** The second attempt of a run whose program writes a result and goes on until it finds `end`. */
  async function secondAttempt(): Promise<Run> {
    await world.store.registerRunner(old);
    await world.run('echo done > result; while [ ! -e end ]; do sleep 0.05; done');
    const [first] = await world.store.claim(old, 1);
    await world.store.unclaim({ runId: first.id, fence: first.fence }, 'machine trouble');
    const [second] = await world.store.claim(old, 1);
    expect(second.attempt).toBe(2);
    return second;
  }

  /** Another runner takes the run over and starts the third attempt, which writes its result. */
  async function takeOver({ id }: Run): Promise<void> {
    await world.dataSource.query("UPDATE runners SET beat_ms = beat_ms - 600000 WHERE name = 'old'");
    stop = await world.startRunner({ RUNNER_NAME: 'new' });
    expect(await world.untilState(id, 'running')).toMatchObject({ attempt: 3 });
    await until(() => existsSync(world.results(id, 'result')) && readFileSync(world.results(id, 'result'), 'utf8') === 'done\n', 20_000);
  }

  it.each(['before it asks whether the run is its own', 'right after that'])(
    'is not touched by its former runner, which was held up %s',
    async (when) => {
      const run = await secondAttempt();
      const heldUp = Promise.withResolvers<void>();
      const isEarly = when.startsWith('before');
      const submitted = (isEarly ? heldUp.promise : Promise.resolve()).then(() => assignments.read(run));
      const asked = Promise.withResolvers<void>();
      const made = assignments.make(run, submitted, async () => {
        const answer = await runs.isUnder(run);
        asked.resolve();
        if (!isEarly) await heldUp.promise;
        return answer;
      });
      const refused = expect(made).rejects.toThrow('taken over');
      await (isEarly ? until(() => existsSync(world.control(run, '')), 20_000) : asked.promise);
      await takeOver(run);
      heldUp.resolve();
      await refused;
      expect(readFileSync(world.results(run.id, 'result'), 'utf8')).toBe('done\n');
      writeFileSync(world.results(run.id, 'end'), '');
      expect(await world.untilFinal(run.id)).toMatchObject({ state: 'succeeded', attempt: 3 });
      expect(readdirSync(join(world.database.config.filesRoot, world.project.ownerId, '.staging'))).toEqual([]);
    },
    60_000,
  );
});
