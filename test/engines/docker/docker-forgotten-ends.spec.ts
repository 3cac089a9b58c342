import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../until';
import { containerId, DockerWorld, type Started } from './docker-world';

const WAITING = (status: number) => `while [ ! -e end ]; do sleep 0.02; done; exit ${status}`;

/** A daemon that is killed in the middle of an end says of it, when it is back, that it was a success. */
describe('ends that Docker did not live to write down', () => {
  let world: DockerWorld;

  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  const containerd = (...words: string[]) => {
    const address = join(world.engine.folder, 'exec', 'containerd', 'containerd.sock');
    return execFileSync('ctr', ['--address', address, '--namespace', 'moby', ...words], { encoding: 'utf8', stdio: 'pipe' });
  };
  const isOver = (id: string) => containerd('tasks', 'list').includes('STOPPED') && containerd('tasks', 'list').includes(id);

  /** As far as the daemon comes with an end before it writes it down: containerd knows the container no more. */
  async function killInTheMiddle(started: Started): Promise<void> {
    const id = containerId(started);
    process.kill(world.engine.pid!, 'SIGSTOP');
    mkdirSync(join(started.assignment.cwd, 'end'));
    await until(() => isOver(id));
    containerd('tasks', 'delete', id);
    containerd('containers', 'delete', id);
    await world.engine.kill();
    await world.engine.start();
  }

  it('are not taken for successes', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, WAITING(3));
    await until(async () => (await executor.observe(started.execution)).kind === 'running');
    await killInTheMiddle(started);
    expect(await world.inspect(containerId(started))).toMatchObject({ State: { Status: 'exited', ExitCode: 0 } });
    expect(await world.end(executor, started)).toMatchObject({
      kind: 'ended',
      exitCode: 255,
      cause: 'stoppedOutside',
      note: 'Docker was restarted just as it ended, and does not know any more how. Look at the log and the results; if something is missing, run it again.',
    });
  });

  it('are told from successes before, while and after it was away', async () => {
    const executor = world.newExecutor();
    const successes = [];
    for (const script of ['true', WAITING(0), WAITING(0)]) successes.push(await world.start(executor, script));
    const [before, meanwhile, after] = successes;
    await until(async () => (await world.inspect(containerId(before))).State.Status === 'exited');
    for (const one of [meanwhile, after]) await until(async () => (await executor.observe(one.execution)).kind === 'running');
    process.kill(world.engine.pid!, 'SIGSTOP');
    mkdirSync(join(meanwhile.assignment.cwd, 'end'));
    await until(() => isOver(containerId(meanwhile)));
    await world.engine.kill();
    await world.engine.start();
    mkdirSync(join(after.assignment.cwd, 'end'));
    for (const one of successes) expect(await world.end(executor, one)).toEqual({ kind: 'ended', exitCode: 0, asked: false });
  });
});
