import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DockerEngine, DockerSilence } from '../../../src/runner/executors/docker/docker-engine';
import type { DockerExecutor } from '../../../src/runner/executors/docker/docker-executor';
import { until } from '../../until';
import { control, DockerWorld, log, type Started } from './docker-world';
import { TcpWay } from './tcp-way';

const LIFE = 'echo start >> life; echo said; while [ ! -e end ]; do sleep 0.02; done; echo end >> life; echo done; exit 5';
/** Within which it must be noticed that nobody answers. */
const NOTICED_SECONDS = 40;
const TEST_MS = 120_000;

describe('a Docker Engine behind an address at which nobody answers any more', () => {
  let world: DockerWorld;
  let way: TcpWay;
  let executor: DockerExecutor;

  beforeAll(async () => {
    world = await DockerWorld.open();
    way = await TcpWay.open(world.engine.socket);
    executor = world.newExecutor({ DOCKER_HOST: way.address });
  }, 60_000);
  afterAll(async () => {
    await way?.close();
    await world?.close();
  });

  const life = ({ assignment }: Started) =>
    existsSync(join(assignment.cwd, 'life')) ? readFileSync(join(assignment.cwd, 'life'), 'utf8') : '';
  const letEnd = ({ assignment }: Started) => mkdirSync(join(assignment.cwd, 'end'));

  async function seconds(work: Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work;
    return (performance.now() - began) / 1000;
  }

  it(
    'is not waited for without end, its runs are told as what they are, and all goes on when it is back',
    async () => {
      const running = await world.start(executor, LIFE);
      const over = new AbortController();
      const kept = executor.keepLog(running.execution, over.signal);
      await until(() => existsSync(control(running, 'log')) && log(running) === 'said\n');
      const held = await world.prepare(executor, LIFE);
      const ended = await world.start(executor, 'seq 1 1000');
      await world.end(executor, ended);
      const changed = executor.change(running.execution, AbortSignal.timeout(2 * NOTICED_SECONDS * 1000));
      // As it is nearly all the time: nothing is asked but for the end.
      await sleep(1000);
      way.block();
      const waited = await Promise.all([changed, held.held.go(), executor.sweep(ended.execution)].map(seconds));
      expect(Math.max(...waited)).toBeLessThan(NOTICED_SECONDS);
      expect(log(ended)).toMatch(/^\[The end of the output is missing here.*\]\n$/);
      for (const { execution } of [running, held]) {
        expect(await executor.observe(execution)).toMatchObject({ kind: 'orphaned', evidence: expect.stringContaining('does not answer') });
      }
      expect(executor.isReachable).toBe(false);
      letEnd(running);
      await until(() => life(running).includes('end'));
      way.unblock();
      await until(async () => (await executor.observe(running.execution)).kind === 'ended', 30_000);
      expect(await executor.observe(running.execution)).toMatchObject({ exitCode: 5, asked: false });
      await executor.sweep(running.execution);
      expect(log(running)).toBe('said\ndone\n');
      expect(life(running)).toBe('start\nend\n');
      expect(executor.isReachable).toBe(true);
      await beginsOnceAtMost(held);
      over.abort();
      await kept;
    },
    TEST_MS,
  );

  /** What was asked for in the middle of it may have arrived, or not; a follower seals what is held. */
  async function beginsOnceAtMost(started: Started): Promise<void> {
    await sleep(500);
    const isSealed = await executor.seal(started.execution);
    if (!isSealed) letEnd(started);
    const seen = isSealed ? await executor.observe(started.execution) : await world.end(executor, started);
    expect([seen.kind, life(started)]).toEqual(isSealed ? ['never_began', ''] : ['ended', 'start\nend\n']);
  }

  it('is not taken for away by those who stop waiting', async () => {
    const started = await world.start(executor, LIFE);
    const enough = new AbortController();
    const changed = executor.change(started.execution, enough.signal);
    await sleep(500);
    enough.abort();
    await changed;
    expect(executor.isReachable).toBe(true);
    await executor.stop(started.execution, 0);
  });

  it(
    'that takes no connections any more: a call ends too',
    async () => {
      const script = `const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => console.log(server.address().port))`;
      const deaf = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [chunk] = (await once(deaf.stdout, 'data')) as [Buffer];
      const port = Number(String(chunk));
      deaf.kill('SIGSTOP');
      const fillers: Socket[] = [];
      try {
        // More than the kernel lets wait for a program that does not take them.
        for (let count = 0; count < 8; count += 1) fillers.push(connect(port, '127.0.0.1').on('error', () => undefined));
        await sleep(200);
        expect(fillers.some(({ connecting }) => connecting)).toBe(true);
        const engine = new DockerEngine(`tcp://127.0.0.1:${port}`);
        const call = engine.call('POST', '/containers/x/wait', { withinMs: 0 });
        expect(await seconds(expect(call).rejects.toThrow(DockerSilence))).toBeLessThan(NOTICED_SECONDS);
      } finally {
        for (const filler of fillers) filler.destroy();
        deaf.kill('SIGKILL');
      }
    },
    TEST_MS,
  );
});
