import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrepareError } from '../../../src/runner/executors/executor';
import { TEST_IMAGE } from '../../tools/dockerd.mjs';
import { until } from '../../until';
import { aDockerRuntime, containerId, control, DockerWorld, log, result } from './docker-world';
import { TcpWay } from './tcp-way';

describe('DockerExecutor', () => {
  let world: DockerWorld;

  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  const ways: TcpWay[] = [];
  afterEach(async () => {
    for (const way of ways.splice(0)) await way.close();
  });
  async function openWay(): Promise<TcpWay> {
    ways.push(await TcpWay.open(world.engine.socket));
    return ways[0];
  }

  const following = (executor: ReturnType<DockerWorld['newExecutor']>, execution: Parameters<typeof executor.keepLog>[0]) => {
    const over = new AbortController();
    const done = executor.keepLog(execution, over.signal);
    return { over, done };
  };

  it('runs a program in its folder, keeps its output and reports its end', async () => {
    const executor = world.newExecutor();
    await executor.check();
    const started = await world.start(executor, 'pwd; echo problem >&2; echo "$COLOUR" > colour.txt; id -u; exit 7', {
      env: { COLOUR: 'a b=c' },
    });
    following(executor, started.execution);
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 7, asked: false });
    await executor.sweep(started.execution);
    expect(log(started).split('\n').sort()).toEqual(['', '0', started.assignment.cwd, 'problem'].sort());
    expect(result(started, 'colour.txt')).toBe('a b=c\n');
    await executor.forget(started.execution);
    expect((await world.inspect(containerId(started))).State).toBeUndefined();
    // The record outlasts the container.
    expect(await world.newExecutor().observe(started.execution)).toMatchObject({ kind: 'ended', exitCode: 7 });
  });

  it('starts nothing in another image than that of the run that is repeated', async () => {
    const executor = world.newExecutor();
    const sameImage = { run: 7, digest: `sha256:${'0'.repeat(64)}` };
    const refused = world.prepare(executor, 'exit 0', { sameImage });
    await expect(refused).rejects.toThrow(PrepareError);
    await expect(refused).rejects.toThrow('Run #7 ran in another image');
    const { Id } = JSON.parse((await world.engine.call('GET', `/images/${TEST_IMAGE}/json`)).body) as { Id: string };
    const started = await world.prepare(executor, 'exit 0', { sameImage: { run: 7, digest: Id } });
    await started.held.discard();
  });

  it('passes arguments byte for byte', async () => {
    const executor = world.newExecutor();
    const words = ['-n', 'a,b=c "$(id)"', '', 'new\nline', '🔬', "it's", '{x}'];
    const started = await world.prepare(executor, '', {
      argv: ['/bin/sh', '-c', `for a; do printf '<%s>' "$a"; done > words.txt`, 'sh', ...words],
    });
    await started.held.go();
    expect(await world.end(executor, started)).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(result(started, 'words.txt')).toBe(words.map((word) => `<${word}>`).join(''));
  });

  it('shows the program its project, its inputs and its pipeline read-only, its results writable, and nothing else', async () => {
    const executor = world.newExecutor();
    const assignment = world.assignment();
    const inbox = join(world.engine.folder, 'inbox');
    const secret = join(world.engine.folder, 'secret');
    for (const folder of [inbox, secret]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(inbox, 'in put.txt'), 'from the inbox');
    writeFileSync(join(inbox, 'other.txt'), 'of somebody else');
    writeFileSync(join(secret, 'x'), 'secret');
    writeFileSync(join(assignment.projectFolder, 'a.txt'), 'of the project');
    writeFileSync(join(assignment.pipelineFolder, 'tool.sh'), 'echo tool');
    const script = [
      `cat '${inbox}/in put.txt' '${assignment.projectFolder}/a.txt' > all.txt`,
      `sh ${assignment.pipelineFolder}/tool.sh >> all.txt`,
      `for f in ${assignment.projectFolder}/a.txt ${assignment.pipelineFolder}/tool.sh '${inbox}/in put.txt'; do (echo x >> "$f") 2>/dev/null && echo wrote; done`,
      `ls ${inbox} ${secret} ${assignment.folder} 2>&1`,
    ].join('\n');
    const held = await executor.prepare({
      ...assignment,
      argv: ['/bin/sh', '-c', script],
      inputs: [join(inbox, 'in put.txt'), join(assignment.projectFolder, 'a.txt')],
    });
    await held.go();
    const started = {
      assignment,
      held,
      execution: { runId: assignment.runId, attempt: 1, engine: 'docker' as const, folder: assignment.folder, handle: held.handle },
    };
    await world.end(executor, started);
    await executor.sweep(started.execution);
    expect(result(started, 'all.txt')).toBe('from the inboxof the projecttool\n');
    expect(log(started)).not.toContain('wrote');
    expect(log(started)).not.toContain('other.txt');
    expect(log(started)).toContain(`${secret}: No such file or directory`);
    expect(log(started)).toContain(`${assignment.folder}: No such file or directory`);
  });

  it('gives what was asked for and no more: memory, processors, user, no network, no privileges', async () => {
    const executor = world.newExecutor();
    const started = await world.start(
      executor,
      'id -u; id -g; ls /sys/class/net; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; df /dev/shm | tail -1',
      { needs: { cpu: 500, memory: 64, gpus: 0 }, runtime: aDockerRuntime({ user: '4711:4712', shmBytes: 8 * 1024 * 1024 }) },
    );
    await world.end(executor, started);
    await executor.sweep(started.execution);
    expect(log(started)).toMatch(/^4711\n4712\nlo\nCapEff:\s*0+\nNoNewPrivs:\s*1\nshm\s+8192 /);
    const { HostConfig } = await world.inspect(containerId(started));
    expect(HostConfig).toMatchObject({ Memory: 64 * 1024 * 1024, MemorySwap: 64 * 1024 * 1024, NanoCpus: 5e8, NetworkMode: 'none' });
  });

  it('asks for the GPUs that the run was given, and tells the program their new numbers', async () => {
    const executor = world.newExecutor();
    const started = await world.prepare(executor, 'true', { gpuIds: ['2', '3'], env: { CUDA_VISIBLE_DEVICES: '2,3' } });
    const { HostConfig, Config } = await world.inspect(containerId(started));
    expect(HostConfig['DeviceRequests']).toEqual([expect.objectContaining({ DeviceIDs: ['2', '3'], Capabilities: [['gpu']] })]);
    expect(Config['Env']).toContain('CUDA_VISIBLE_DEVICES=0,1');
    await started.held.discard();
  });

  it('names an image that Docker does not have, and a mount that is not there', async () => {
    const executor = world.newExecutor();
    const missing = executor.prepare(world.assignment({ runtime: aDockerRuntime({ image: 'lab/segment:3' }) }));
    await expect(missing).rejects.toThrow(PrepareError);
    await expect(missing).rejects.toThrow('lab/segment:3');
    const mounts = [{ source: '/no/such/models', target: '/models', readOnly: true }];
    const unmountable = executor.prepare(world.assignment({ argv: ['true'], runtime: aDockerRuntime({ mounts }) }));
    await expect(unmountable).rejects.toThrow(PrepareError);
    await expect(unmountable).rejects.toThrow('/no/such/models');
  });

  it('says why a program could not be started', async () => {
    const executor = world.newExecutor();
    const started = await world
      .prepare(executor, '', {
        argv: ['true'],
        runtime: aDockerRuntime({ mounts: [{ source: join(world.engine.folder, 'gone'), target: '/gone', readOnly: true }] }),
      })
      .catch(() => null);
    expect(started).toBeNull();
    mkdirSync(join(world.engine.folder, 'gone'));
    const later = await world.prepare(executor, '', {
      argv: ['true'],
      runtime: aDockerRuntime({ mounts: [{ source: join(world.engine.folder, 'gone'), target: '/proc/sys/kernel', readOnly: true }] }),
    });
    await later.held.go();
    const seen = await world.end(executor, later);
    expect(seen).toMatchObject({ kind: 'ended', asked: false, note: expect.stringContaining('could not start the program') });
    expect(await executor.seal(later.execution)).toBe(false);
    const absent = await world.start(executor, '', { argv: ['no-such-program'] });
    expect(await world.end(executor, absent)).toMatchObject({ kind: 'ended', exitCode: 127 });
  });

  it('tells that memory ran out, with the limit', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, 'head -c 200m /dev/zero | tail', { needs: { cpu: 1000, memory: 32, gpus: 0 } });
    const seen = await world.end(executor, started);
    expect(seen).toMatchObject({ kind: 'ended', cause: 'outOfMemory', note: expect.stringMatching(/memory/) });
  });

  it('holds a program to the limits of its pipeline, and tells which one ended it', async () => {
    const executor = world.newExecutor({ PROCESS_LIMIT: '77' });
    const limits = { ...world.assignment().limits, cpuSeconds: 1, openFiles: 33, fileBytes: 65_536 };
    const large = await world.start(executor, 'ulimit -n; head -c 100k /dev/zero > large', { limits });
    const endless = await world.start(executor, 'while :; do :; done', { limits });
    expect(await world.end(executor, large)).toMatchObject({ kind: 'ended', exitCode: 153, cause: 'outputLimit' });
    await executor.sweep(large.execution);
    expect(log(large)).toContain('33\n');
    expect(await world.end(executor, endless)).toMatchObject({ kind: 'ended', exitCode: 152, cause: 'cpuLimit' });
    expect(JSON.parse(readFileSync(control(large, 'limits.json'), 'utf8')).inForce).toEqual(
      expect.arrayContaining([
        { name: 'processes', amount: 77, by: 'Docker' },
        { name: 'cpu', amount: 1000, by: 'Docker' },
        { name: 'openFiles', amount: 33, by: 'Docker' },
      ]),
    );
  });

  it('stops a program with TERM, and with KILL when it does not obey', async () => {
    const executor = world.newExecutor();
    const obedient = await world.start(executor, `trap 'echo bye > bye.txt; exit 3' TERM; touch ready; while :; do sleep 0.05; done`);
    await until(() => existsSync(join(obedient.assignment.cwd, 'ready')));
    await executor.stop(obedient.execution, 20_000);
    expect(await executor.observe(obedient.execution)).toMatchObject({ kind: 'ended', exitCode: 3, asked: true });
    expect(result(obedient, 'bye.txt')).toBe('bye\n');
    const deaf = await world.start(executor, `trap '' TERM; touch ready; while :; do sleep 0.05; done`);
    await until(() => existsSync(join(deaf.assignment.cwd, 'ready')));
    await executor.stop(deaf.execution, 1000);
    expect(await executor.observe(deaf.execution)).toMatchObject({ kind: 'ended', exitCode: 137, asked: true });
    await executor.stop(deaf.execution, 0);
  });

  it('stops a paused program, and says of one that was stopped by hand that it was', async () => {
    const executor = world.newExecutor();
    const paused = await world.start(executor, 'touch ready; while :; do sleep 0.05; done');
    await until(() => existsSync(join(paused.assignment.cwd, 'ready')));
    await world.engine.call('POST', `/containers/${containerId(paused)}/pause`);
    expect(await executor.observe(paused.execution)).toEqual({ kind: 'running' });
    await executor.stop(paused.execution, 100);
    expect(await executor.observe(paused.execution)).toMatchObject({ kind: 'ended', asked: true });
    const byHand = await world.start(executor, 'touch ready; while :; do sleep 0.05; done');
    await until(() => existsSync(join(byHand.assignment.cwd, 'ready')));
    await world.engine.call('POST', `/containers/${containerId(byHand)}/kill`);
    expect(await world.end(executor, byHand)).toMatchObject({ kind: 'ended', exitCode: 137, asked: false, cause: 'stoppedOutside' });
  });

  it('does not call a program stopped that Docker did not stop, so that it is tried again', async () => {
    const way = await openWay();
    const executor = world.newExecutor({ DOCKER_HOST: way.address });
    const started = await world.start(executor, 'touch ready; while :; do sleep 0.05; done');
    await until(() => existsSync(join(started.assignment.cwd, 'ready')));
    way.refuseNext(/\/stop/);
    await expect(executor.stop(started.execution, 0)).rejects.toThrow('not just now');
    expect(await executor.observe(started.execution)).toEqual({ kind: 'running' });
    await executor.stop(started.execution, 0);
    expect(await executor.observe(started.execution)).toMatchObject({ kind: 'ended', asked: true });
  });

  it('leaves nothing behind of its trial, also when it was killed in it', async () => {
    const way = await openWay();
    const executor = world.newExecutor({ DOCKER_HOST: way.address });
    const before = (await world.containers()).length;
    way.refuseNext(/^DELETE/);
    await executor.check();
    await executor.removeOrphans(() => Promise.resolve(true));
    expect(await world.containers()).toHaveLength(before);
  });

  it('takes a container that was removed by hand for dead, unless its end was seen before', async () => {
    const executor = world.newExecutor();
    const started = await world.start(executor, 'sleep 1000');
    await world.engine.call('DELETE', `/containers/${containerId(started)}?force=1`);
    expect(await world.end(executor, started)).toMatchObject({ kind: 'dead' });
    expect(await executor.seal(started.execution)).toBe(false);
  });

  it('does not take a container of the same name for its own', async () => {
    const executor = world.newExecutor();
    const assignment = world.assignment({ argv: ['true'] });
    const name = `showrunner-11111111-${assignment.runId}-1`;
    await world.engine.call('POST', `/containers/create?name=${name}`, { Image: TEST_IMAGE, Cmd: ['sleep', '9'] });
    await expect(executor.prepare(assignment)).rejects.toThrow(name);
    const execution = { runId: assignment.runId, attempt: 1, engine: 'docker' as const, folder: assignment.folder, handle: null };
    expect(await executor.observe(execution)).toEqual({ kind: 'never_began' });
    await executor.stop(execution, 0);
    expect((await world.inspect(name)).State.Status).toBe('created');
  });

  it('replaces a container of its own that was left behind unstarted', async () => {
    const executor = world.newExecutor();
    const left = await world.prepare(executor, 'echo old');
    const held = await executor.prepare({ ...left.assignment, argv: ['/bin/sh', '-c', 'echo new'] });
    expect(held.handle).not.toEqual(left.held.handle);
    const again = { ...left, held, execution: { ...left.execution, handle: held.handle } };
    await held.go();
    await world.end(executor, again);
    await executor.sweep(again.execution);
    expect(log(again)).toBe('new\n');
  });

  it('finds files by the names of the host when the runner lives in a container itself', async () => {
    // What the runner calls /data-inside lies in a folder of the host.
    const outside = join(world.engine.folder, 'outside');
    const real = world.assignment();
    const inside = (path: string) => path.replace(outside, '/data-inside');
    mkdirSync(join(outside, 'project', 'runs', '1'), { recursive: true });
    mkdirSync(join(outside, 'pipeline'), { recursive: true });
    const executor = world.newExecutor({ DOCKER_PATHS: `/data-inside=${outside}` });
    const assignment = {
      ...real,
      projectFolder: inside(join(outside, 'project')),
      cwd: inside(join(outside, 'project', 'runs', '1')),
      pipelineFolder: inside(join(outside, 'pipeline')),
      argv: ['/bin/sh', '-c', 'pwd > where.txt'],
    };
    const held = await executor.prepare(assignment);
    await held.go();
    const execution = { runId: assignment.runId, attempt: 1, engine: 'docker' as const, folder: assignment.folder, handle: held.handle };
    expect(await world.end(executor, { execution })).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(readFileSync(join(outside, 'project', 'runs', '1', 'where.txt'), 'utf8')).toBe('/data-inside/project/runs/1\n');
    await executor.check();
    await expect(world.newExecutor({ DOCKER_PATHS: `${world.engine.folder}=/not/there` }).check()).rejects.toThrow('DOCKER_PATHS');
  });

  it('removes what nobody wants, of its own installation only', async () => {
    const executor = world.newExecutor();
    const stranger = await world.prepare(world.newExecutor({}, 'aaaaaaaa-2222-4333-8444-555555555555'), 'true');
    const wanted = await world.prepare(executor, 'true');
    const running = await world.start(executor, 'sleep 1000');
    await executor.removeOrphans(async (runId) => runId === wanted.assignment.runId);
    const left = (await world.containers()).map(({ Id }) => Id);
    expect(left).toContain(containerId(stranger));
    expect(left).toContain(containerId(wanted));
    expect(left).not.toContain(containerId(running));
    expect(readFileSync(control(wanted, 'container.json'), 'utf8')).toContain(TEST_IMAGE);
  });
});
