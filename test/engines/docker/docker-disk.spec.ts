import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freeSpace } from '../../../src/common/files/free-space';
import type { DockerExecutor } from '../../../src/runner/executors/docker/docker-executor';
import type { Assignment } from '../../../src/runner/executors/executor';
import { FullFolder, MOUNTS } from '../../full-folder';
import { until } from '../../until';
import { containerId, DockerWorld, type Started } from './docker-world';

const MB = 1_000_000;

describe('the disk of Docker', () => {
  let world: DockerWorld;
  const ends: (() => void)[] = [];

  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(async () => {
    for (const end of ends) end();
    await world.close();
  });

  async function startFollowed(executor: DockerExecutor, script: string, over: Partial<Assignment> = {}): Promise<Started> {
    const started = await world.start(executor, script, over);
    const end = new AbortController();
    ends.push(() => end.abort());
    void executor.keepLog(started.execution, end.signal);
    return started;
  }

  it('is not filled by a program: one that keeps too much outside of its results is ended and told so, and no other', async () => {
    const executor = world.newExecutor({ SCRATCH_LIMIT: '50 MB' });
    const fill = 'head -c 100m /dev/zero > "$1"/big; while [ ! -e end ]; do sleep 0.1; done; exit 3';
    const argv = (folder: string) => ['/bin/sh', '-c', fill, 'sh', folder];
    const scratch = await startFollowed(executor, '', { argv: argv('/tmp') });
    const results = await startFollowed(executor, '', { argv: argv('.') });
    const allowed = await startFollowed(executor, '', { argv: argv('/tmp'), limits: { scratchBytes: 500 * MB } });
    expect(await world.end(executor, scratch)).toMatchObject({ kind: 'ended', exitCode: 137, cause: 'outputLimit', asked: false });
    expect(await world.end(executor, scratch)).toMatchObject({ note: expect.stringMatching(/105 MB .* 50 MB.*limits\.scratch/) });
    // For another look at the others.
    await sleep(2000);
    for (const one of [results, allowed]) expect(await executor.observe(one.execution)).toEqual({ kind: 'running' });
    expect(existsSync(join(results.assignment.cwd, 'big'))).toBe(true);
    await Promise.all([results, allowed].map(({ execution }) => executor.stop(execution, 0)));
  }, 90_000);

  (MOUNTS ? it : it.skip)(
    'a container is stopped, and its end is told, while no control file can be made',
    async () => {
      const executor = world.newExecutor();
      const { folder } = world.assignment();
      const disk = new FullFolder(folder);
      try {
        const started = await startFollowed(executor, 'trap "exit 0" TERM; echo begun; while :; do sleep 0.05; done', { folder });
        await until(() => existsSync(join(folder, 'log')) && readFileSync(join(folder, 'log'), 'utf8').includes('begun'));
        disk.fill();
        await executor.stop(started.execution, 5000);
        expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 0, asked: true });
        expect(await executor.sweep(started.execution)).toBe(0);
        await executor.forget(started.execution);
      } finally {
        disk.makeRoom();
        disk.remove();
      }
    },
    90_000,
  );

  it('is looked at before runs are taken, where it can be seen', async () => {
    const room = await world.newExecutor().room();
    expect(Math.abs(room - (await freeSpace(world.engine.folder)))).toBeLessThan(2000 * MB);
    expect(await world.newExecutor({ DOCKER_PATHS: '/data=/srv/data' }).room()).toBe(Number.POSITIVE_INFINITY);
  });

  it('holds no more of a log than is said', async () => {
    const started = await world.prepare(world.newExecutor({ MAX_LOG: '100 MB' }), 'true');
    const { HostConfig } = await world.inspect(containerId(started));
    expect(HostConfig).toMatchObject({
      LogConfig: { Type: 'json-file', Config: { 'max-size': String(100 * MB + 64 * 1024 * 1024), 'max-file': '2' } },
    });
    await started.held.discard();
  });
});
