import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import type { NewRun } from '../../../src/common/queue/queue-store';
import type { Run } from '../../../src/common/queue/run.entity';
import { aDockerRuntime } from '../../engines/docker/docker-world';
import { compileProduct, type Product } from '../../product';
import { RunnerWorld, type RunnerProcess } from '../../runner-world';
import { startDockerd, type Dockerd } from '../../tools/dockerd.mjs';
import { until } from '../../until';

const WAIT_FOR_FILE = 'echo start >> life; while [ ! -e end ]; do sleep 0.02; done; echo end >> life; echo said; exit 0';

const ARGUMENT_FILES = `
command: x
parameters: [{ name: images, type: files }, { name: note, type: string }]
stage: [{ parameter: images, to: data/, name: '{index}{ext}' }]
files:
  - { path: batch.txt, format: lines, quote: shell, lines: [{ words: [printf, '%s\\n', '-note={note}', '-data={workFolder}/data'] }] }
  - { path: list.csv, format: rows, header: none, rows: images, columns: [{ value: '{images}' }, { value: '{images.stem}' }] }
`;

/** From the queue to the results, with containers of a real Docker Engine and runners as processes of their own. */
describe('runs in containers', () => {
  let docker: Dockerd;
  let world: RunnerWorld;
  let product: Product;
  const runners: RunnerProcess[] = [];

  beforeAll(async () => {
    product = compileProduct();
    docker = await startDockerd();
    world = await RunnerWorld.open({ RUNNER_ENGINES: 'docker', DOCKER_HOST: docker.host, RUNNER_SLOTS: '8' });
    world.environment['INBOX_DIR'] = join(world.database.folder, 'inbox');
    await startRunner();
  }, 90_000);
  afterAll(async () => {
    await Promise.all(runners.map((one) => one.end('SIGKILL')));
    await world.close();
    await docker.remove();
    product.remove();
  });

  /** Waits for its sign of life: what comes after is not about its start. */
  async function startRunner(settings: Record<string, string> = {}): Promise<RunnerProcess> {
    const runner = world.spawnRunner(product.home, { LOG_LEVEL: 'info', ...settings });
    runners.push(runner);
    await until(() => runner.output.includes('takes up to') || !runner.isAlive, 30_000);
    if (!runner.isAlive) throw new Error(runner.output);
    return runner;
  }

  const life = ({ id }: Run) => (existsSync(world.results(id, 'life')) ? readFileSync(world.results(id, 'life'), 'utf8') : '');
  const letEnd = ({ id }: Run) => writeFileSync(world.results(id, 'end'), '');

  function submit(script: string, manifest: Partial<Manifest> = {}, over: Partial<NewRun> = {}): Promise<number> {
    const command = ['/bin/sh', '-c', script];
    return world.submit('shell', { runtime: aDockerRuntime({ command }), ...manifest }, { engine: 'docker', ...over });
  }

  async function begun(over: Partial<NewRun> = {}): Promise<Run> {
    const run = await world.untilState(await submit(WAIT_FOR_FILE, {}, over), 'running');
    await until(() => life(run) !== '');
    // The answer comes after the daemon has written down that it runs: killed before, it would not know.
    if (run.handle?.kind === 'docker') await docker.call('GET', `/containers/${run.handle.containerId}/json`);
    return run;
  }

  async function containers(): Promise<{ Labels: Record<string, string> }[]> {
    return JSON.parse((await docker.call('GET', '/containers/json?all=1')).body);
  }

  it('runs what was submitted, keeps results and log, and leaves no container', async () => {
    const id = await submit('echo hello; echo "$SHOWRUNNER_RUN" > number.txt; pwd');
    const run = await world.untilState(id, 'succeeded');
    expect(run).toMatchObject({ exitCode: 0, starts: 1, attempt: 1, note: null });
    expect(world.log(run)).toBe(`hello\n${world.results(id).replace(/\/$/, '')}\n`);
    expect(readFileSync(world.results(id, 'number.txt'), 'utf8')).toBe(`${id}\n`);
    await until(async () => (await containers()).every(({ Labels }) => Labels['showrunner.run'] !== String(id)));
  });

  it('finds its files, and the inputs beside them, under the same names as outside', async () => {
    const inProject = (name: string) => join(world.database.folder, 'files', world.project.ownerId, world.project.id, name);
    mkdirSync(world.environment['INBOX_DIR'], { recursive: true });
    writeFileSync(inProject('a, b.tif'), 'image a\n');
    writeFileSync(join(world.environment['INBOX_DIR'], 'c.tif'), 'image c\n');
    const rules = compileYaml('x', ARGUMENT_FILES) as Manifest;
    const script =
      'sh batch.txt > words; cat data/* > joined; cp list.csv seen.csv; (echo x >> data/1.tif) 2>/dev/null || echo refused > write';
    const runtime = aDockerRuntime({ command: ['/bin/sh', '-c', script] });
    const parameters = { images: ['project:a, b.tif', 'inbox:c.tif'], note: `it's "a" $HOME` };
    const { id: _, ...manifest } = rules;
    const id = await world.submit('shell', { ...manifest, runtime, arguments: [] }, { engine: 'docker' }, parameters);
    await world.untilState(id, 'succeeded');
    const result = (name: string) => readFileSync(world.results(id, name), 'utf8');
    expect(result('words')).toBe(`-note=it's "a" $HOME\n-data=${world.results(id, 'data')}\n`);
    expect(result('joined')).toBe('image a\nimage c\n');
    expect(result('seen.csv')).toBe(`"${inProject('a, b.tif')}","a, b"\n${join(world.environment['INBOX_DIR'], 'c.tif')},c\n`);
    // An input is there to be read, also by its link.
    expect(result('write')).toBe('refused\n');
    expect(readFileSync(inProject('a, b.tif'), 'utf8')).toBe('image a\n');
    expect(existsSync(world.results(id, 'data'))).toBe(false);
  });

  it('fails with the reason: status, image that is missing, memory that ran out', async () => {
    const runtime = aDockerRuntime({ image: 'lab/none:1', command: ['true'] });
    const [status, missing, memory] = await Promise.all([
      submit('exit 3'),
      world.submit('shell', { runtime }, { engine: 'docker' }),
      submit('head -c 200m /dev/zero | tail', {}, { needs: { cpu: 1000, memory: 32, gpus: 0 } }),
    ]);
    expect(await world.untilFinal(status)).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(await world.untilFinal(missing)).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('lab/none:1') });
    expect(await world.untilFinal(memory)).toMatchObject({
      state: 'failed',
      note: expect.stringMatching(/limit of 33\.6 MB.*needs\.memory/),
    });
  });

  it('leaves no container of an attempt that is tried again', async () => {
    const script = 'if [ "$SHOWRUNNER_ATTEMPT" = 1 ]; then exit 3; fi; touch second; while [ ! -e end ]; do sleep 0.02; done';
    const id = await submit(script, { retry: { on: ['failed'], starts: 2 } });
    await until(() => existsSync(world.results(id, 'second')));
    const attempts = async () =>
      (await containers())
        .filter(({ Labels }) => Labels['showrunner.run'] === String(id))
        .map(({ Labels }) => Labels['showrunner.attempt']);
    await until(async () => (await attempts()).join() === '2');
    letEnd(await world.find(id));
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 2 });
  });

  it('is cancelled, and ended when its time is over', async () => {
    const cancelled = await begun();
    await world.cancel(cancelled.id, 'Somebody cancelled it.');
    const late = await submit('while :; do sleep 0.05; done', {}, { timeLimitSeconds: 1 });
    expect(await world.untilFinal(cancelled.id)).toMatchObject({ state: 'cancelled', note: 'Somebody cancelled it.' });
    expect(await world.untilFinal(late)).toMatchObject({ state: 'timed_out' });
    expect(life(cancelled)).toBe('start\n');
  });

  it('outlives its runner, whose successor finds it and its end', async () => {
    const run = await begun();
    await runners.at(-1)!.end('SIGKILL');
    await startRunner();
    await until(async () => (await world.find(run.id)).fence > run.fence);
    letEnd(run);
    expect(await world.untilFinal(run.id)).toMatchObject({ state: 'succeeded', starts: 1, attempt: 1 });
    expect(life(run)).toBe('start\nend\n');
    expect(world.log(run)).toBe('said\n');
  });

  it.each(['afterPrepare', 'afterAuthorise', 'afterGo', 'afterExit', 'afterFinish'])(
    'begins once when its runner dies %s',
    async (point) => {
      await runners.at(-1)!.end('SIGTERM');
      const dying = await startRunner({ TEST_CRASH_AT: point });
      const command = ['/bin/sh', '-c', 'echo start >> /journal/$SHOWRUNNER_RUN; echo said'];
      const mounts = [{ source: docker.folder, target: '/journal', readOnly: false }];
      const id = await submit('', { runtime: aDockerRuntime({ command, mounts }) });
      await until(() => !dying.isAlive, 20_000);
      await startRunner();
      expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded' });
      expect(readFileSync(join(docker.folder, String(id)), 'utf8')).toBe('start\n');
    },
  );

  it('has not used its time before it begins, whatever a clock says', async () => {
    await runners.at(-1)!.end('SIGTERM');
    const dying = await startRunner({ TEST_CRASH_AT: 'afterAuthorise' });
    const id = await submit('echo start >> life');
    await until(() => !dying.isAlive, 20_000);
    // As after a restart of the machine by a clock that was put forward.
    await world.dataSource.query(`UPDATE queue SET started_ms = started_ms - 7200000 WHERE id = ${id}`);
    await startRunner();
    const run = await world.untilFinal(id);
    expect(run).toMatchObject({ state: 'succeeded', starts: 1 });
    expect(life(run)).toBe('start\n');
    const states = (await world.events(id)).map(({ toState }) => toState);
    expect(states).not.toContain('stopping');
  });

  it('is unknown while dockerd is dead, and known again afterwards; its end in between is not lost', async () => {
    const one = await begun();
    const other = await begun();
    await docker.kill();
    expect(await world.untilState(one.id, 'unknown')).toMatchObject({ note: expect.stringContaining('Docker does not answer') });
    await world.untilState(other.id, 'unknown');
    letEnd(other);
    await until(() => life(other).includes('end'));
    await docker.start();
    expect(await world.untilFinal(other.id)).toMatchObject({ state: 'succeeded', starts: 1, note: null });
    await world.untilState(one.id, 'running');
    letEnd(one);
    expect(await world.untilFinal(one.id)).toMatchObject({ state: 'succeeded', starts: 1 });
    expect([life(one), life(other)]).toEqual(['start\nend\n', 'start\nend\n']);
    // The next one is claimed as if nothing had been.
    await world.untilState(await submit('exit 0'), 'succeeded');
  });

  it('is not judged by its time limit while nobody can see it: one that died meanwhile was not stopped by us', async () => {
    const timeLimitSeconds = 8;
    const ended = await begun({ timeLimitSeconds });
    const died = await begun({ timeLimitSeconds });
    const sinceMs = performance.now();
    await docker.kill();
    letEnd(ended);
    await until(() => life(ended).includes('end'));
    await docker.cutPower();
    await sleep(timeLimitSeconds * 1000 + 1000 - (performance.now() - sinceMs));
    expect(await world.find(died.id)).toMatchObject({ state: 'unknown' });
    await docker.start();
    expect(await world.untilFinal(died.id)).toMatchObject({ state: 'failed', stopReason: null });
    expect(await world.untilFinal(ended.id)).toMatchObject({ stopReason: null });
  });
});
