import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import type { HandoffRuntime } from '../../../src/common/pipelines/runtime';
import { readProcess } from '../../../src/runner/executors/process-table';
import { endHard, HandoffHost } from '../../handoff-host';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const WAITS = 'echo $$ > "$1/pid"; echo began; while [ ! -e "$1/end" ]; do sleep 0.02; done';

describe('a hand-off', () => {
  let world: RunnerWorld;
  let stopRunner: () => Promise<void>;
  let host: HandoffHost;
  let hosts = 0;

  beforeAll(async () => {
    world = await RunnerWorld.open({ RUNNER_ENGINES: 'process,handoff', RUNNER_REMOTE_SLOTS: '20', STOP_GRACE: '2s' });
    stopRunner = await world.startRunner();
  });
  afterAll(async () => {
    await stopRunner();
    await world.close();
  });
  beforeEach(() => {
    hosts += 1;
    host = new HandoffHost(join(world.database.folder, `handoff ${hosts}`));
  });
  afterEach(() => host.close());

  const submit = (script: string, over: Partial<HandoffRuntime> = {}, more: Partial<Manifest> = {}) =>
    world.submit('shell', { ...host.manifest(script, over), ...more }, { engine: 'handoff' });
  const untilNote = (runId: number, part: string) => until(async () => ((await world.find(runId)).engineNote ?? '').includes(part));
  const pidOf = (runId: number) => Number(readFileSync(world.results(runId, 'pid'), 'utf8'));
  const isAlive = (pid: number) => readProcess(pid)?.zombie === false;
  const letEnd = (runId: number) => writeFileSync(world.results(runId, 'end'), '');
  const untilBegun = (runId: number) =>
    until(() => existsSync(world.results(runId, 'pid')) && readFileSync(world.results(runId, 'pid')).length > 0);
  async function fetched() {
    let files = host.fetch();
    await until(() => (files ??= host.fetch()) !== null);
    return files!;
  }

  it('goes the whole way with the launcher that ships: arguments, live log, exit status, nothing left behind', async () => {
    host.start();
    const runId = await submit(
      `${WAITS}; printf '%s' "$2" > "$1/word"; exit 3`,
      {},
      {
        arguments: [
          { kind: 'outputFolder', flag: null, style: 'bare' },
          { kind: 'literal', value: `it's "a" $HOME 🔬` },
        ],
      },
    );
    await untilBegun(runId);
    await until(async () => world.log(await world.find(runId)) === 'began\n');
    letEnd(runId);
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'failed', exitCode: 3, starts: 1 });
    expect(readFileSync(world.results(runId, 'word'), 'utf8')).toBe(`it's "a" $HOME 🔬`);
    await until(() => host.ownNames().filter((name) => name.startsWith(`${runId}-`)).length === 0);
    const next = await submit('echo second');
    const run = await world.untilState(next, 'succeeded');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(world.log(run)).toBe('second\n');
    // The launcher says it right after the exit status.
    await until(() => readFileSync(host.path('LAST_RUN_ID'), 'utf8').startsWith(`${next}-1-`));
  });

  it('writes through no link that a program left in the work folder', async () => {
    const outside = join(world.database.folder, 'outside');
    mkdirSync(outside, { recursive: true });
    mkdirSync(host.path('work'));
    writeFileSync(join(outside, 'old'), 'of the host');
    symlinkSync(join(outside, 'old'), host.path('work', 'pipex_batch_list.txt'));
    symlinkSync(join(outside, 'new'), host.path('work', 'run_id.txt'));
    host.start();
    const run = await world.untilState(await submit('echo done'), 'succeeded');
    expect(world.log(run)).toBe('done\n');
    expect(readFileSync(join(outside, 'old'), 'utf8')).toBe('of the host');
    expect(existsSync(join(outside, 'new'))).toBe(false);
  });

  it('waits as pending until it is fetched, and is taken back when somebody cancels before', async () => {
    const runId = await submit('echo never > "$1/ran"');
    await untilNote(runId, 'launcher');
    expect(existsSync(host.path('pipex_batch_list.txt'))).toBe(true);
    await world.cancel(runId, 'Cancelled by Ada');
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'cancelled', note: 'Cancelled by Ada' });
    expect(host.fetch()).toBeNull();
    host.start();
    await world.untilState(await submit('exit 0'), 'succeeded');
    expect(existsSync(world.results(runId, 'ran'))).toBe(false);
  });

  it('cancels a program that runs: politely, and for good when it does not listen', async () => {
    host.start();
    const polite = await submit(`trap 'echo tidy > "$1/tidy"; exit 0' TERM; ${WAITS}`);
    await untilBegun(polite);
    await world.cancel(polite, 'Cancelled by Ada');
    expect(await world.untilFinal(polite)).toMatchObject({ state: 'cancelled' });
    expect(existsSync(world.results(polite, 'tidy'))).toBe(true);
    const deaf = await submit(`trap '' TERM; ${WAITS}`);
    await untilBegun(deaf);
    await world.cancel(deaf, 'Cancelled by Ada');
    expect(await world.untilFinal(deaf)).toMatchObject({ state: 'cancelled' });
    expect(isAlive(pidOf(deaf))).toBe(false);
  });

  it('ends as lost when no launcher fetches it, and nothing of it can start later', async () => {
    const runId = await submit('echo never > "$1/ran"', { pickUpSeconds: 0.3 });
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'lost', note: expect.stringContaining('did not fetch it') });
    expect(host.fetch()).toBeNull();
    host.start();
    await world.untilState(await submit('exit 0'), 'succeeded');
    expect(existsSync(world.results(runId, 'ran'))).toBe(false);
  });

  it('weighs the end by required outputs where nobody tells a status, and takes no old id for its own', async () => {
    host.tellEnd('r-old');
    const good = await submit('', {}, { outcome: { successCodes: [0], partialCodes: [], requiredOutputs: ['a.csv'] } });
    const first = await fetched();
    await world.untilState(good, 'running');
    writeFileSync(host.path('log.txt'), 'a log\n');
    writeFileSync(world.results(good, 'a.csv'), '1');
    host.tellEnd(first.id);
    const run = await world.untilState(good, 'succeeded');
    expect(run).toMatchObject({ exitCode: null, note: null });
    expect(world.log(run)).toBe('a log\n');
    const missing = await submit('', {}, { outcome: { successCodes: [0], partialCodes: [], requiredOutputs: ['a.csv'] } });
    host.tellEnd((await fetched()).id);
    expect(await world.untilFinal(missing)).toMatchObject({ state: 'failed', note: expect.stringContaining('a.csv') });
    const unchecked = await submit('');
    host.tellEnd((await fetched()).id);
    const end = await world.untilFinal(unchecked);
    expect(end).toMatchObject({ state: 'partial', note: expect.stringContaining('nobody knows whether it worked') });
    expect(world.log(end)).toBe('');
  });

  it('understands an id that the program made up, once it stands still', async () => {
    const runId = await submit('');
    const { id } = await fetched();
    await world.untilState(runId, 'running');
    // In the middle of writing its own id, then a random one.
    host.tellEnd(id.slice(0, 3));
    host.tellEnd('');
    host.tellEnd('123456');
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'partial', note: expect.stringContaining('123456') });
  });

  it('goes on with a program whose launcher was killed, and lets no other begin beside it', async () => {
    const launcher = host.start();
    const runId = await submit(`${WAITS}; exit 3`);
    await untilBegun(runId);
    await endHard(launcher);
    host.start();
    const next = await submit(
      'echo $(cat "$2" | wc -l) > "$1/seen"',
      {},
      {
        arguments: [
          { kind: 'outputFolder', flag: null, style: 'bare' },
          { kind: 'literal', value: world.results(runId, 'pid') },
        ],
      },
    );
    await untilNote(next, `#${runId}`);
    expect((await world.find(runId)).state).toBe('running');
    letEnd(runId);
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'failed', exitCode: 3, starts: 1 });
    await world.untilState(next, 'succeeded');
  });

  it('ends a program that was killed with its launcher as lost, and what is left of it', async () => {
    const launcher = host.start();
    const runId = await submit(WAITS);
    await untilBegun(runId);
    await endHard(launcher);
    host.killSessions();
    expect(isAlive(pidOf(runId))).toBe(true);
    host.start();
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'lost', note: expect.stringContaining('launcher') });
    expect(isAlive(pidOf(runId))).toBe(false);
  });

  it('keeps the folder of a program that never answers, tells who waits for it, and goes on when it answers or is cleared away', async () => {
    const silent = await submit('');
    const { id } = await fetched();
    await world.untilState(silent, 'running');
    await world.cancel(silent, 'Cancelled by Ada');
    const end = await world.untilFinal(silent);
    expect(end).toMatchObject({ state: 'cancelled', note: expect.stringContaining('did not confirm') });
    const waiting = await submit('exit 0');
    await untilNote(waiting, `run #${silent}`);
    expect(existsSync(host.path('pipex_batch_list.txt'))).toBe(false);
    host.tellEnd(id);
    const second = await fetched();
    await world.untilState(waiting, 'running');
    await world.cancel(waiting, 'Cancelled by Ada');
    await world.untilFinal(waiting);
    const third = await submit('exit 0');
    await untilNote(third, 'busy-');
    const busy = host.ownNames().find((name) => name.startsWith('busy-'))!;
    expect(readFileSync(host.path('.showrunner', busy), 'utf8')).toContain(second.id);
    rmSync(host.path('.showrunner', busy));
    host.tellEnd((await fetched()).id);
    await world.untilFinal(third);
  });

  it('times out, but not while it waits to be fetched', async () => {
    const runId = await world.submit('shell', host.manifest(''), { engine: 'handoff', timeLimitSeconds: 1 });
    await untilNote(runId, 'launcher');
    const began = performance.now();
    await until(() => performance.now() - began > 1500);
    expect((await world.find(runId)).state).toBe('running');
    await fetched();
    expect(await world.untilFinal(runId)).toMatchObject({ state: 'timed_out' });
  });

  it('gives one folder to one run at a time, whatever its pipeline', async () => {
    host.start();
    const script = `mkdir "$2" || exit 9; sleep 0.05; rmdir "$2"`;
    const inside = host.path('inside');
    const ids = await Promise.all(
      [1, 2, 3, 4, 5].map(() =>
        submit(
          script,
          {},
          {
            arguments: [
              { kind: 'outputFolder', flag: null, style: 'bare' },
              { kind: 'literal', value: inside },
            ],
          },
        ),
      ),
    );
    for (const id of ids) expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 1, startFailures: 0 });
    expect(host.ownNames().filter((name) => name.startsWith('claim-'))).toHaveLength(1);
  });

  it('refuses what a line cannot hold and what the program cannot reach, and waits while the files of others lie there', async () => {
    const broken = await submit('', {}, { arguments: [{ kind: 'literal', value: 'two\nlines' }] });
    expect(await world.untilFinal(broken)).toMatchObject({ state: 'failed', note: expect.stringContaining('line breaks') });
    const outside = await submit('', { pathMap: [{ outside: '/nowhere', inside: '/data' }] });
    expect(await world.untilFinal(outside)).toMatchObject({ state: 'failed', note: expect.stringContaining('pathMap') });
    writeFileSync(host.path('pipex_batch_list.txt'), 'of somebody else\n');
    const inside = await submit('', { pathMap: [{ outside: world.database.folder, inside: '/data' }] });
    await untilNote(inside, 'somebody else');
    rmSync(host.path('pipex_batch_list.txt'));
    const { args, id } = await fetched();
    expect(args).toMatch(/ job \/data\/files\/[^ ]*\/runs\/\d+\n$/);
    host.tellEnd(id);
    await world.untilFinal(inside);
  });

  it('follows a launcher that only reads the files where they lie', async () => {
    const runId = await submit('', { takes: 'copy', waitsFor: 'runId' });
    await until(() => existsSync(host.path('run_id.txt')));
    const id = readFileSync(host.path('run_id.txt'), 'utf8').trim();
    expect(existsSync(host.path('pipex_batch_list.txt'))).toBe(true);
    await untilNote(runId, 'launcher');
    writeFileSync(host.path('log.txt'), 'it reads\n');
    await until(async () => (await world.find(runId)).engineNote === null);
    host.tellEnd(id);
    const run = await world.untilFinal(runId);
    expect(run.state).toBe('partial');
    expect(world.log(run)).toBe('it reads\n');
    expect(existsSync(host.path('run_id.txt'))).toBe(false);
  });
});
