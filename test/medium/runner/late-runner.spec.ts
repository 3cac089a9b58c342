import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { AppConfig, readConfig } from '../../../src/common/config/app-config';
import { Run } from '../../../src/common/queue/run.entity';
import { Assignments } from '../../../src/runner/assignments';
import { OutboxCopy } from '../../../src/runner/outbox-copy';
import { ProgressReader } from '../../../src/runner/progress-reader';
import { RunnerModule } from '../../../src/runner/runner.module';
import { Settlement } from '../../../src/runner/settlement';
import { TrackedRun, type Work } from '../../../src/runner/tracked-runs';
import { aCapacity } from '../../factories';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

describe('a runner that lost its run', () => {
  const first = { ...aCapacity({ name: 'first' }), incarnation: 'first', host: 'h', bootId: 'x', pokeAddress: null };
  let outbox: string;
  let world: RunnerWorld;
  let module: TestingModule;
  let stop = () => Promise.resolve();

  beforeEach(async () => {
    outbox = mkdtempSync(join(tmpdir(), 'showrunner-outbox-'));
    world = await RunnerWorld.open({ OUTBOX_DIR: outbox });
    module = await Test.createTestingModule({ imports: [RunnerModule] })
      .overrideProvider(AppConfig)
      .useValue(readConfig({ ...world.environment, RUNNER_NAME: 'late' }))
      .compile();
  });
  afterEach(async () => {
    await stop();
    stop = () => Promise.resolve();
    await module.close();
    await world.close();
    rmSync(outbox, { recursive: true, force: true });
  });

  /** What a runner holds of a run that somebody else has taken over from it. */
  async function lateHold(run: Run): Promise<[TrackedRun, Work]> {
    const assignments = module.get(Assignments);
    const { manifest } = await assignments.read(run);
    const tracked = new TrackedRun(Object.assign(new Run(), run, { fence: run.fence - 1 }));
    return [tracked, { manifest, deadlineMs: Number.POSITIVE_INFINITY, execution: await assignments.find(run) }];
  }

  it('does not put results back that were fetched and removed', async () => {
    stop = await world.startRunner();
    const run = await world.untilState(await world.run('echo 1 > table.csv'), 'succeeded');
    const copy = join(outbox, String(run.id));
    await until(() => existsSync(join(copy, 'table.csv')));
    rmSync(copy, { recursive: true });
    const [tracked, work] = await lateHold(run);
    await module.get(Settlement).settle(tracked, work, { kind: 'ended', exitCode: 0, asked: false });
    expect(readdirSync(outbox)).toEqual([]);
  });

  it('leaves the progress file alone', async () => {
    stop = await world.startRunner();
    const id = await world.run('echo 42% > "$SHOWRUNNER_PROGRESS"; while [ ! -e end ]; do sleep 0.02; done');
    const file = world.results(id, '.showrunner-progress');
    await until(() => existsSync(file));
    const [tracked, work] = await lateHold(await world.untilState(id, 'running'));
    await module.get(ProgressReader).follow(tracked, work, AbortSignal.abort());
    await tracked.lastLook?.();
    expect(existsSync(file)).toBe(true);
    writeFileSync(world.results(id, 'end'), '');
    await world.untilState(id, 'succeeded');
    expect(existsSync(file)).toBe(false);
  });

  /** A run whose end is to be written down. */
  async function settlingRun(): Promise<Run> {
    const id = await world.run('exit 0');
    await world.store.registerRunner(first);
    const [claimed] = await world.store.claim(first, 1);
    expect(claimed.id).toBe(id);
    const handle = { kind: 'process', pid: 2 ** 22 - 1, startTicks: '1', host: 'h', bootId: 'x' } as const;
    expect(await world.store.authorise({ runId: id, fence: claimed.fence }, handle)).toBe(true);
    mkdirSync(world.results(id), { recursive: true });
    writeFileSync(world.results(id, 'table.csv'), 'a,b\n');
    return world.find(id);
  }

  it('died after it had written down the end: any runner publishes its copy, once', async () => {
    const sut = module.get(OutboxCopy);
    const run = await settlingRun();
    await sut.make(run);
    // While the end is not written down there is nothing to be fetched, and nothing is lost.
    await sut.sweep();
    expect(readdirSync(outbox)).toEqual([`.${run.id}.${run.fence}.ready`]);
    await world.store.finish({ runId: run.id, fence: run.fence }, { state: 'succeeded', exitCode: 0, note: null });
    mkdirSync(join(outbox, String(run.id), 'of an older database'), { recursive: true });
    await sut.sweep();
    expect(readdirSync(outbox)).toEqual([String(run.id)]);
    expect(readdirSync(join(outbox, String(run.id)))).toEqual(['table.csv']);
    // Somebody has fetched it by now.
    rmSync(join(outbox, String(run.id)), { recursive: true });
    await sut.publish(run);
    await sut.sweep();
    expect(readdirSync(outbox)).toEqual([]);
  });

  it('is tidied up after where its copy will never be published', async () => {
    const sut = module.get(OutboxCopy);
    const run = await settlingRun();
    await sut.make(Object.assign(new Run(), run, { fence: run.fence - 1 }));
    mkdirSync(join(outbox, `.${run.id}.${run.fence}.part`));
    mkdirSync(join(outbox, '.999999.1.ready'));
    await sut.sweep();
    expect(readdirSync(outbox)).toEqual([`.${run.id}.${run.fence}.part`]);
    await world.store.finish({ runId: run.id, fence: run.fence }, { state: 'failed', exitCode: 1, note: null });
    await sut.sweep();
    expect(readdirSync(outbox)).toEqual([]);
  });
});
