import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import { readProcess } from '../../../src/runner/executors/process-table';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const outcome = (over: Partial<Manifest['outcome']>) => ({
  outcome: { successCodes: [0], partialCodes: [], requiredOutputs: [], ...over },
});

describe('runner', () => {
  let world: RunnerWorld;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    world = await RunnerWorld.open();
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop();
    await world.close();
  });

  it('runs what was submitted in the folder for results and keeps what the program said', async () => {
    world.addPipeline('hello', 'echo hello; echo "$SHOWRUNNER_RUN" > number.txt; pwd');
    const id = await world.submit('hello');
    const run = await world.untilState(id, 'succeeded');
    expect(run).toMatchObject({ exitCode: 0, starts: 1, attempt: 1, note: null });
    expect(world.log(run)).toBe(`hello\n${world.results(id).replace(/\/$/, '')}\n`);
    expect(readFileSync(world.results(id, 'number.txt'), 'utf8')).toBe(`${id}\n`);
    expect((await world.events(id)).map((event) => event.toState)).toEqual(['queued', 'starting', 'running', 'succeeded']);
    const command = JSON.parse(readFileSync(join(world.database.folder, 'runs', String(id), 'command.json'), 'utf8'));
    expect(command).toEqual({ argv: [expect.stringMatching(/\/job\.sh$/)], cwd: world.results(id).replace(/\/$/, '') });
  });

  it('passes parameters and inputs as arguments', async () => {
    world.addPipeline('words', `printf '<%s>' "$@" > words.txt; cat "$2" > copy.txt`);
    writeFileSync(join(world.database.folder, 'files', world.project.ownerId, world.project.id, "it's β.txt"), 'content');
    const base = { label: '', help: '', required: true, advanced: false };
    const id = await world.submit(
      'words',
      {
        parameters: [
          { ...base, name: 'text', type: 'text', default: '', rows: 1, maxLength: 100 },
          { ...base, name: 'input', type: 'file', accept: [] },
        ],
        arguments: [
          { kind: 'value', parameter: 'text', flag: null, style: 'bare' },
          { kind: 'value', parameter: 'input', flag: null, style: 'bare' },
        ],
      },
      {},
      { text: '-n a,b=c "$(id)"\n🔬', input: "project:it's β.txt" },
    );
    await world.untilState(id, 'succeeded');
    expect(readFileSync(world.results(id, 'words.txt'), 'utf8')).toMatch(/^<-n a,b=c "\$\(id\)"\n🔬><\/.*\/it's β\.txt>$/);
    expect(readFileSync(world.results(id, 'copy.txt'), 'utf8')).toBe('content');
  });

  it.each([
    ['failed', 'exit 3', {}, 3],
    ['partial', 'exit 2', outcome({ partialCodes: [2] }), 2],
    ['succeeded', 'exit 9', outcome({ successCodes: [0, 9] }), 9],
    ['failed', 'kill -SEGV $$', {}, 139],
  ] as const)('ends %s for "%s"', async (state, script, manifest, exitCode) => {
    const run = await world.untilFinal(await world.run(script, manifest));
    expect(run).toMatchObject({ state, exitCode });
  });

  it('takes completion without the required results for a failure, and names them', async () => {
    const required = outcome({ requiredOutputs: ['cells.csv', 'deep/*.png', '*.tif'] });
    const missing = await world.untilFinal(await world.run('mkdir deep; touch deep/a.PNG', required));
    expect(missing).toMatchObject({ state: 'failed', exitCode: 0, note: expect.stringContaining('cells.csv, *.tif') });
    const complete = await world.untilFinal(await world.run('mkdir deep; touch deep/a.png cells.csv x.tif', required));
    expect(complete.state).toBe('succeeded');
  });

  it('finds a required result among however many others', async () => {
    const required = outcome({ requiredOutputs: ['late/table.csv'] });
    const run = await world.untilFinal(await world.run('mkdir late; touch late/table.csv; seq 100100 | xargs touch', required));
    expect(run).toMatchObject({ state: 'succeeded', note: null });
  });

  it('says why a run cannot start, and starts nothing', async () => {
    const gone = await world.submit('no-such-pipeline', {
      parameters: [],
      arguments: [],
      retry: { starts: 1, on: [] },
    });
    expect(await world.untilFinal(gone)).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('no-such-pipeline') });
    world.addPipeline('needs-input', 'touch ran');
    const base = { label: '', help: '', required: true, advanced: false };
    const noInput = await world.submit(
      'needs-input',
      {
        parameters: [{ ...base, name: 'input', type: 'file', accept: [] }],
        arguments: [{ kind: 'value', parameter: 'input', flag: null, style: 'bare' }],
      },
      {},
      { input: 'project:gone.tif' },
    );
    expect(await world.untilFinal(noInput)).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('gone.tif') });
    expect(existsSync(world.results(noInput, 'ran'))).toBe(false);
  });

  it('cancels a running program with all that it started', async () => {
    const id = await world.run(`trap '' TERM; setsid sh -c 'trap "" TERM; echo $$ > pid; sleep 300 & wait' & while :; do sleep 0.1; done`);
    await world.untilState(id, 'running');
    await until(() => existsSync(world.results(id, 'pid')) && readFileSync(world.results(id, 'pid'), 'utf8').length > 1);
    const pid = Number(readFileSync(world.results(id, 'pid'), 'utf8'));
    expect(await world.cancel(id, 'Cancelled by Ada')).toBe('stopping');
    const run = await world.untilState(id, 'cancelled');
    expect(run).toMatchObject({ note: 'Cancelled by Ada', exitCode: 137 });
    expect(readProcess(pid)?.zombie ?? true).toBe(true);
  });

  it('stops a program at its time limit', async () => {
    const id = await world.run('exec sleep 300', {}, { timeLimitSeconds: 1 });
    const run = await world.untilState(id, 'timed_out');
    expect(run).toMatchObject({ exitCode: 143, note: expect.stringContaining('time limit') });
    expect(run.finishedMs! - run.startedMs!).toBeGreaterThanOrEqual(1000);
  });

  it('tries again only where the pipeline asks for it, and with an empty folder', async () => {
    const retry: Manifest['retry'] = { starts: 3, on: ['failed'] };
    const again = await world.run('echo "$SHOWRUNNER_ATTEMPT" >> attempts; ls > listing; [ "$SHOWRUNNER_ATTEMPT" -ge 3 ] || exit 1', {
      retry,
    });
    expect(await world.untilFinal(again)).toMatchObject({ state: 'succeeded', starts: 3, attempt: 3 });
    expect(readFileSync(world.results(again, 'attempts'), 'utf8')).toBe('3\n');
    const once = await world.run('exit 1');
    expect(await world.untilFinal(once)).toMatchObject({ state: 'failed', starts: 1 });
    const never = await world.run('exit 1', { retry: { starts: 2, on: ['lost'] } });
    expect(await world.untilFinal(never)).toMatchObject({ state: 'failed', starts: 1 });
  });

  it('runs as many at a time as there are places', async () => {
    const script = `mkdir -p "$OUT"; : > "$OUT/$SHOWRUNNER_RUN"; ls "$OUT" | wc -l > seen; sleep 0.3; rm "$OUT/$SHOWRUNNER_RUN"`;
    const out = join(world.database.folder, 'together');
    mkdirSync(out);
    world.addPipeline('together', script);
    const runtime = { kind: 'process' as const, command: ['./job.sh'], env: { OUT: out } };
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => world.submit('together', { runtime })));
    for (const id of ids) await world.untilState(id, 'succeeded');
    const seen = ids.map((id) => Number(readFileSync(world.results(id, 'seen'), 'utf8')));
    expect(Math.max(...seen)).toBe(2);
  });

  it('shows how far a program is', async () => {
    const id = await world.run(`printf 'step 1 of 4: load\\rstep 2 of 4: segment\\n'; while [ ! -e done ]; do sleep 0.05; done`, {
      progress: { pattern: '^step (?<done>\\d+) of (?<total>\\d+): (?<text>.*)$' },
    });
    await until(async () => (await world.find(id)).progress === 50);
    expect((await world.find(id)).progressText).toBe('segment');
    writeFileSync(world.results(id, 'done'), '');
    await world.untilState(id, 'succeeded');
  });

  it('ends what a program left behind, and still keeps its whole log', async () => {
    const id = await world.run('setsid sh -c "echo \\$\\$ > pid; sleep 300" & while [ ! -s pid ]; do sleep 0.02; done; echo last');
    const run = await world.untilState(id, 'succeeded');
    expect(world.log(run)).toBe('last\n');
    expect(readProcess(Number(readFileSync(world.results(id, 'pid'), 'utf8')))?.zombie ?? true).toBe(true);
  });
});

describe('outbox', () => {
  it('gets a copy of the results of a success, complete or not at all, and no links', async () => {
    const outbox = mkdtempSync(join(tmpdir(), 'showrunner-outbox-'));
    const world = await RunnerWorld.open({ OUTBOX_DIR: outbox });
    const stop = await world.startRunner();
    try {
      const good = await world.run('mkdir -p deep/er; echo 1 > deep/er/a.csv; echo 2 > b; ln -s /etc/passwd c');
      const bad = await world.run('echo 1 > a; exit 1');
      await world.untilState(good, 'succeeded');
      await world.untilState(bad, 'failed');
      await until(() => existsSync(join(outbox, String(good))));
      const expected = ['', '/deep', '/deep/er', '/deep/er/a.csv', '/b'].map((name) => `${good}${name}`);
      expect(new Set(readdirSync(outbox, { recursive: true, encoding: 'utf8' }))).toEqual(new Set(expected));
      expect(readFileSync(join(outbox, String(good), 'deep/er/a.csv'), 'utf8')).toBe('1\n');
    } finally {
      await stop();
      await world.close();
      rmSync(outbox, { recursive: true });
    }
  });
});

describe('a full disk', () => {
  it('keeps runs waiting', async () => {
    const world = await RunnerWorld.open({ FREE_SPACE_RESERVE: '100000 TB' });
    const stop = await world.startRunner();
    try {
      const id = await world.run('touch ran');
      // Two looks of the runner.
      await new Promise((resolve) => setTimeout(resolve, 2200));
      expect(await world.find(id)).toMatchObject({ state: 'queued', attempt: 0 });
    } finally {
      await stop();
      await world.close();
    }
  });
});
