import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeMarker } from '../../../src/runner/executors/docker/attempt-files';
import { until } from '../../until';
import { containerId, control, DockerWorld, type Started } from './docker-world';

const LIFE = 'echo start >> life; while [ ! -e end ]; do sleep 0.02; done; echo end >> life; exit 5';
const BRIEF = 'echo start >> life';

/** Every order in which a runner that starts, a runner that seals, and a daemon that is killed can meet. */
describe('at most one start of a container', () => {
  let world: DockerWorld;

  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  const life = ({ assignment }: Started) =>
    existsSync(join(assignment.cwd, 'life')) ? readFileSync(join(assignment.cwd, 'life'), 'utf8') : '';
  const letEnd = ({ assignment }: Started) => mkdirSync(join(assignment.cwd, 'end'));
  const startLate = (started: Started) => world.engine.call('POST', `/containers/${containerId(started)}/start`);

  it('seal before go: it never begins, whoever tries', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, BRIEF);
    expect(await executor.observe(started.execution)).toEqual({ kind: 'held' });
    expect(await world.newExecutor().seal(started.execution)).toBe(true);
    await started.held.go();
    expect(await executor.observe(started.execution)).toEqual({ kind: 'never_began' });
    expect((await startLate(started)).status).toBe(404);
    expect(life(started)).toBe('');
    expect(await executor.seal(started.execution)).toBe(true);
  });

  it('discard: it is gone, and harmless after go', async () => {
    const executor = world.newExecutor();
    const one = await world.prepare(executor, BRIEF);
    await one.held.discard();
    expect(await executor.observe(one.execution)).toEqual({ kind: 'never_began' });
    expect((await startLate(one)).status).toBe(404);
    const other = await world.start(executor, LIFE);
    await other.held.discard();
    expect(await executor.observe(other.execution)).toEqual({ kind: 'running' });
    letEnd(other);
    expect(await world.end(executor, other)).toMatchObject({ kind: 'ended', exitCode: 5 });
  });

  it('the starter died between its marker and the start: sealed, and a late start finds nothing', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, BRIEF);
    await placeMarker(started.assignment.folder, 'go');
    expect(await executor.observe(started.execution)).toEqual({ kind: 'held' });
    expect(await executor.seal(started.execution)).toBe(true);
    expect((await startLate(started)).status).toBe(404);
    expect(await executor.observe(started.execution)).toEqual({ kind: 'never_began' });
    expect(life(started)).toBe('');
  });

  it('go twice, from two runners: one start', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, BRIEF);
    await Promise.all([started.held.go(), started.held.go(), started.held.go()]);
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 0 });
    await started.held.go();
    expect(life(started)).toBe('start\n');
  });

  it('seal while it runs and after it ended: refused', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, LIFE);
    expect(await executor.seal(started.execution)).toBe(false);
    letEnd(started);
    await until(() => life(started).includes('end'));
    await until(async () => (await world.inspect(containerId(started))).State.Status === 'exited');
    expect(await executor.seal(started.execution)).toBe(false);
    expect(await executor.observe(started.execution)).toMatchObject({ kind: 'ended', exitCode: 5 });
  });

  it('it ran and ended between the look of the seal and its removal: the trace in our folder tells', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, BRIEF);
    await until(async () => (await world.inspect(containerId(started))).State.Status === 'exited');
    // As a seal would, had it looked before the start.
    expect((await world.engine.call('DELETE', `/containers/${containerId(started)}`)).status).toBe(204);
    expect(await executor.seal(started.execution)).toBe(false);
    expect(await executor.observe(started.execution)).toMatchObject({ kind: 'dead' });
    expect(life(started)).toBe('start\n');
  });

  it('the marker was lost with the power of the machine: what began is still not sealed', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, BRIEF);
    await until(async () => (await world.inspect(containerId(started))).State.Status === 'exited');
    rmSync(control(started, 'started'));
    expect(await executor.seal(started.execution)).toBe(false);
    expect(await executor.observe(started.execution)).toMatchObject({ kind: 'ended', exitCode: 0 });
  });

  it('a program cannot remove the trace of its start', async () => {
    const executor = world.newExecutor();
    const script = 'rm -rf /run/showrunner/begun; mv /run/showrunner/begun /run/showrunner/other; umount /run/showrunner/begun; true';
    const started = await world.start(executor, script, { runtime: { ...world.assignment().runtime, user: '0:0' } as never });
    await world.end(executor, started);
    expect(existsSync(control(started, 'trace/begun'))).toBe(true);
  });

  it.each(['seal first', 'go first', 'together'] as const)(
    'go and seal race (%s): either it began or it is sealed, never both',
    async (order) => {
      const executor = world.newExecutor();
      const other = world.newExecutor();
      for (let round = 0; round < 5; round += 1) {
        const started = await world.prepare(executor, BRIEF);
        const acts = [() => started.held.go(), () => other.seal(started.execution)];
        if (order === 'seal first') acts.reverse();
        const going = acts.map((act) => act());
        const sealed = await (order === 'seal first' ? going[0] : going[1]);
        await Promise.all(going);
        if (!sealed) await world.end(executor, started);
        expect([sealed, life(started)]).toEqual(sealed ? [true, ''] : [false, 'start\n']);
      }
    },
  );

  it('dockerd is killed before go: held, and then started once', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, LIFE);
    await world.engine.kill();
    expect(await executor.observe(started.execution)).toEqual({ kind: 'held' });
    await world.engine.start();
    await started.held.go();
    expect(await executor.observe(started.execution)).toEqual({ kind: 'running' });
    letEnd(started);
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 5 });
    expect(life(started)).toBe('start\nend\n');
  });

  it('dockerd is away at go: nothing began, and it is proven so afterwards', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, BRIEF);
    await world.engine.kill();
    await started.held.go();
    expect(await executor.observe(started.execution)).toMatchObject({
      kind: 'orphaned',
      evidence: expect.stringContaining('Docker does not answer'),
    });
    await expect(executor.seal(started.execution)).rejects.toThrow();
    await world.engine.start();
    expect(await executor.observe(started.execution)).toEqual({ kind: 'held' });
    expect(await executor.seal(started.execution)).toBe(true);
    expect(await executor.observe(started.execution)).toEqual({ kind: 'never_began' });
    expect(life(started)).toBe('');
  });

  it.each([0, 60, 120])(
    'dockerd is killed in the middle of a start, %d ms after its trace: it began once, or never will',
    async (afterMs) => {
      const executor = world.newExecutor();
      const started = await world.prepare(executor, LIFE);
      const going = started.held.go();
      await until(() => existsSync(control(started, 'trace/begun')));
      await sleep(afterMs);
      await world.engine.kill();
      await going;
      await world.engine.start();
      // As a follower does: what is held for long is forbidden to begin.
      let sealed = false;
      const settled = async () => {
        const { kind, ...more } = await executor.observe(started.execution);
        if (kind === 'held') sealed = await executor.seal(started.execution);
        // Before Docker answers again nothing is settled.
        return kind === 'orphaned' ? !('unseen' in more) : kind !== 'held' || sealed;
      };
      await until(settled);
      const { kind } = await executor.observe(started.execution);
      // It began, and Docker did not live to write that down: its end is seen, and its status lost.
      const isLost = kind === 'orphaned';
      if (kind === 'running' || isLost) letEnd(started);
      const seen = kind === 'running' || isLost ? await world.end(executor, started) : await executor.observe(started.execution);
      const began = [false, isLost ? 'dead' : 'ended', 'start\nend\n'];
      expect([sealed, seen.kind, life(started)]).toEqual(life(started) === '' ? [sealed, sealed ? 'never_began' : 'dead', ''] : began);
      expect((await world.containers()).filter(({ Id, State }) => Id === containerId(started) && State === 'running')).toEqual([]);
    },
  );

  it('the machine loses its power while it runs: the end is told as what it is', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, LIFE);
    await until(() => life(started) !== '');
    await world.engine.cutPower();
    await world.engine.start();
    expect(await world.end(executor, started)).toMatchObject({
      kind: 'ended',
      exitCode: 255,
      note: expect.stringContaining('the machine failed'),
    });
    expect(life(started)).toBe('start\n');
  });

  it('dockerd is killed while it runs: unknown for a while, then its true end', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, LIFE);
    await until(() => life(started) !== '');
    const changed = executor.change(started.execution, AbortSignal.timeout(20_000));
    await world.engine.kill();
    await changed;
    expect(await executor.observe(started.execution)).toMatchObject({ kind: 'orphaned' });
    await world.engine.start();
    expect(await executor.observe(started.execution)).toEqual({ kind: 'running' });
    letEnd(started);
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 5 });
    expect(life(started)).toBe('start\nend\n');
  });

  it('the program ends while dockerd is dead: its exit status is not lost', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, LIFE);
    await until(() => life(started) !== '');
    await world.engine.kill();
    letEnd(started);
    await until(() => life(started).includes('end'));
    await world.engine.start();
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 5 });
  });

  it('another Docker Engine answers at the address: elsewhere, and nothing is concluded', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, LIFE);
    const { handle } = started.execution;
    const foreign = { ...started.execution, handle: { ...(handle as { kind: 'docker' }), daemon: 'X@other', host: 'other' } as never };
    expect(await executor.observe(foreign)).toMatchObject({ kind: 'elsewhere' });
    await executor.stop(foreign, 0);
    await expect(executor.seal(foreign)).rejects.toThrow('another Docker Engine');
    expect(await executor.observe(started.execution)).toEqual({ kind: 'running' });
    await executor.stop(started.execution, 0);
  });

  it('an attempt without a folder cannot begin', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, BRIEF);
    rmSync(started.assignment.folder, { recursive: true });
    expect(await executor.seal(started.execution)).toBe(true);
    await expect(started.held.go()).rejects.toThrow('ENOENT');
    expect(life(started)).toBe('');
  });
});
