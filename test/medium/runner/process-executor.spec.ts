import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { readConfig } from '../../../src/common/config/app-config';
import { PrepareError, type Execution, type Observation } from '../../../src/runner/executors/executor';
import { ProcessExecutor } from '../../../src/runner/executors/process-executor';
import { isAlive, readProcess } from '../../../src/runner/executors/process-table';
import { until } from '../../until';
import { anAssignment, processHandle } from '../../factories';

const NODE_ARGV = `require('fs').writeFileSync('argv.json', JSON.stringify(process.argv.slice(1)))`;

describe('ProcessExecutor', () => {
  let root: string;
  let runs = 0;
  const executors: ProcessExecutor[] = [];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-executor-'));
  });
  afterAll(async () => {
    await Promise.all(executors.map((executor) => executor.onApplicationShutdown()));
    await newExecutor().removeOrphans(() => Promise.resolve(false));
    rmSync(root, { recursive: true, force: true });
  });

  function newExecutor(environment: Record<string, string> = {}): ProcessExecutor {
    const config = readConfig({ DATA_DIR: root, PATH: process.env['PATH'], HOME: '/home/of/test', ...environment });
    const executor = new ProcessExecutor(config);
    executors.push(executor);
    return executor;
  }

  function place() {
    runs += 1;
    const folder = join(root, `control-${runs}`);
    const cwd = join(root, `results ${runs}`);
    mkdirSync(folder);
    mkdirSync(cwd);
    return { ...anAssignment({ runId: runs, folder, cwd }), engine: 'process' as const };
  }

  const shell = (script: string, ...args: string[]) => ['/bin/sh', '-c', script, ...args];
  const logOf = ({ folder }: Execution) => readFileSync(join(folder, 'log'), 'utf8');

  async function start(executor: ProcessExecutor, argv: string[], env: Record<string, string> = {}) {
    const assignment = { ...place(), argv, env };
    const held = await executor.prepare(assignment);
    const execution: Execution = { ...assignment, handle: held.handle };
    return { execution, held, cwd: assignment.cwd };
  }

  async function ending(executor: ProcessExecutor, execution: Execution): Promise<Observation> {
    await executor.change(execution, AbortSignal.timeout(20_000));
    return executor.observe(execution);
  }

  async function run(argv: string[], options: { environment?: Record<string, string>; env?: Record<string, string> } = {}) {
    const executor = newExecutor(options.environment);
    const { execution, held, cwd } = await start(executor, argv, options.env);
    await held.go();
    const observation = await ending(executor, execution);
    await until(() => !isAlive(processHandle(execution).pid, processHandle(execution).startTicks));
    return { observation, execution, cwd, log: logOf(execution) };
  }

  it('hands over arguments byte for byte', async () => {
    const word = oneof(
      string({ unit: 'grapheme' }),
      constantFrom('', '-n', '--', '-rf /', '$(id)', '`id`', "'", '"', '\\', 'a b', 'x\ny\n', 'a,b=c', '🔬 β-catenin', '*', '~', '!', '\t'),
    );
    const words = array(
      word.map((text) => text.replaceAll('\0', '').toWellFormed()),
      { maxLength: 8 },
    );
    await assert(
      asyncProperty(words, async (args) => {
        const { observation, cwd } = await run([process.execPath, '-e', NODE_ARGV, '--', ...args]);
        expect(observation).toEqual({ kind: 'ended', exitCode: 0, asked: false });
        expect(JSON.parse(readFileSync(join(cwd, 'argv.json'), 'utf8'))).toEqual(args);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['success', 'exit 0', 0],
    ['a status', 'exit 7', 7],
    ['the largest status', 'exit 255', 255],
    ['TERM', 'kill -TERM $$', 143],
    ['KILL', 'kill -KILL $$', 137],
    ['SEGV', 'kill -SEGV $$', 139],
  ])('records %s', async (_name, script, exitCode) => {
    expect((await run(shell(script))).observation).toEqual({ kind: 'ended', exitCode, asked: false });
  });

  it('says in log and status when the command does not exist', async () => {
    const { observation, log } = await run(['no-such-command-anywhere']);
    expect(observation).toEqual({ kind: 'ended', exitCode: 127, asked: false });
    expect(log).toContain('no-such-command-anywhere');
  });

  it('gives the program the allow-listed environment, its own variables, its folder, and an empty standard input', async () => {
    const script =
      'cat /proc/self/environ | tr "\\0" "\\n" | grep -a -o "^[A-Z_]*=" | tr -d "\\n"; echo; echo "$GREETING"; pwd; cat | wc -c; ls -l /proc/self/fd | grep -c pipe';
    const { log, cwd } = await run(shell(script), {
      environment: { DB_PASSWORD: 'secret', LC_ALL: 'C.UTF-8', SMTP_URL: 'smtp://user:secret@host' },
      env: { GREETING: 'hello  "world" $HOME\n🔬' },
    });
    const [names = '', ...rest] = log.split('\n');
    expect(names.split('=').filter(Boolean).sort()).toEqual(['GREETING', 'HOME', 'LC_ALL', 'PATH', 'PWD', 'SHOWRUNNER_MARK']);
    expect(rest.slice(0, 4)).toEqual(['hello  "world" $HOME', '🔬', cwd, '0']);
    expect(Number(rest[4])).toBeLessThanOrEqual(3);
  });

  it('leaves every name to the variables of a pipeline', async () => {
    const names = ['variables', 'limits', 'groups', 'mark', 'word', 'setsid', 'folder', 'attempt', 'code', 'supervisor', 'IFS'];
    const env = Object.fromEntries(names.map((name) => [name, 'mine']));
    const { log } = await run(shell('echo $setsid $variables $attempt'), { env });
    expect(log).toBe('mine mine mine\n');
  });

  it('keeps both outputs in one log in their order, and cuts it without harming the program', async () => {
    const { log } = await run(shell('echo one; echo two >&2; echo three'));
    expect(log).toBe('one\ntwo\nthree\n');
    const cut = await run(shell('head -c 3000000 /dev/zero; echo done > done.txt; exit 3'), { environment: { MAX_LOG: '64 KiB' } });
    expect(cut.observation).toEqual({ kind: 'ended', exitCode: 3, asked: false });
    expect(cut.log.slice(0, 65_536)).toBe('\0'.repeat(65_536));
    expect(cut.log.slice(65_536)).toContain('The log ends here');
    expect(cut.log.length).toBeLessThan(66_000);
    expect(existsSync(join(cut.cwd, 'done.txt'))).toBe(true);
  });

  it('does not limit the files of the program by the limit of the log', async () => {
    const { cwd } = await run(shell('head -c 1000000 /dev/zero > big'), { environment: { MAX_LOG: '1 KiB' } });
    expect(readFileSync(join(cwd, 'big'))).toHaveLength(1_000_000);
  });

  it('runs nothing when the runner lets go of it, and nothing once it is sealed', async () => {
    const executor = newExecutor();
    const discarded = await start(executor, shell('touch ran'));
    expect(await executor.observe(discarded.execution)).toEqual({ kind: 'held' });
    await discarded.held.discard();
    await executor.change(discarded.execution, AbortSignal.timeout(5000));
    await until(async () => (await executor.observe(discarded.execution)).kind === 'never_began');
    const sealed = await start(executor, shell('touch ran'));
    expect(await executor.seal(sealed.execution)).toBe(true);
    await sealed.held.go();
    await until(() => !isAlive(processHandle(sealed.execution).pid, processHandle(sealed.execution).startTicks));
    expect(await executor.observe(sealed.execution)).toEqual({ kind: 'never_began' });
    expect(await executor.seal(sealed.execution)).toBe(true);
    expect([discarded.cwd, sealed.cwd].filter((cwd) => existsSync(join(cwd, 'ran')))).toEqual([]);
  });

  it('cannot be sealed once it has begun', async () => {
    const executor = newExecutor();
    const { execution, held } = await start(executor, shell('touch begun; exec sleep 60'));
    await held.go();
    await until(async () => (await executor.observe(execution)).kind === 'running');
    expect(await executor.seal(execution)).toBe(false);
    await executor.stop(execution, 5000);
    expect(await executor.observe(execution)).toEqual({ kind: 'ended', exitCode: 143, asked: true });
  });

  it('stops the whole tree: what ignores TERM, what left the session, what lost its parent, what stopped itself', async () => {
    const executor = newExecutor();
    const script = `
      (trap "" TERM; sleep 300 & echo $! >> pids; wait) &
      setsid sh -c 'sleep 300 & echo $! >> pids; wait' &
      sh -c 'setsid sh -c "sleep 300 & echo \\$! >> pids; exec >/dev/null 2>&1; wait" & exit'
      sh -c 'kill -STOP $$' &
      echo $! >> pids; echo $$ >> pids
      while [ "$(wc -l < pids)" -lt 5 ]; do sleep 0.05; done; trap "" TERM; touch ready; while :; do sleep 1; done`;
    const { execution, held, cwd } = await start(executor, shell(script));
    await held.go();
    await until(() => existsSync(join(cwd, 'ready')));
    const pids = readFileSync(join(cwd, 'pids'), 'utf8').trim().split('\n').map(Number);
    expect(pids.filter((pid) => readProcess(pid) !== null)).toHaveLength(5);
    await executor.stop(execution, 300);
    const left = pids.filter((pid) => readProcess(pid)?.zombie === false);
    expect(left).toEqual([]);
    expect(await executor.observe(execution)).toEqual({ kind: 'ended', exitCode: 137, asked: true });
  });

  it('lets a program end by itself on TERM within its grace', async () => {
    const executor = newExecutor();
    const { execution, held } = await start(executor, shell('trap "echo tidy; exit 5" TERM; echo up; while :; do sleep 0.05; done'));
    await held.go();
    await until(() => existsSync(join(execution.folder, 'log')) && logOf(execution).includes('up'));
    await executor.stop(execution, 20_000);
    expect(await executor.observe(execution)).toEqual({ kind: 'ended', exitCode: 5, asked: true });
    await until(() => logOf(execution).includes('tidy'));
  });

  it('removes what an ended program left behind', async () => {
    const executor = newExecutor();
    const { execution, held, cwd } = await start(executor, shell('setsid sleep 300 & echo $! > pid; setsid sleep 301 >/dev/null 2>&1 &'));
    await held.go();
    expect(await ending(executor, execution)).toEqual({ kind: 'ended', exitCode: 0, asked: false });
    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    expect(await executor.sweep(execution)).toBe(2);
    expect(readProcess(pid)?.zombie ?? true).toBe(true);
    expect(await executor.sweep(execution)).toBe(0);
  });

  it('survives a program that signals its whole process group', async () => {
    const { observation, log } = await run(shell('echo before; kill -KILL 0'));
    expect(observation).toEqual({ kind: 'ended', exitCode: 137, asked: false });
    expect(log).toBe('before\n');
  });

  it('tells a lost supervisor from a lost program', async () => {
    const executor = newExecutor();
    const { execution, held } = await start(executor, shell('exec sleep 300'));
    await held.go();
    await until(() => existsSync(join(execution.folder, 'started')) && readFileSync(join(execution.folder, 'started'), 'utf8') === 'go');
    process.kill(processHandle(execution).pid, 'SIGKILL');
    await until(async () => (await executor.observe(execution)).kind === 'orphaned');
    await executor.stop(execution, 2000);
    await until(async () => (await executor.observe(execution)).kind === 'dead');
  });

  it('does not take another process of the same number for its own, nor look into another machine or boot', async () => {
    const executor = newExecutor();
    const place1 = place();
    writeFileSync(join(place1.folder, 'started'), 'go');
    const here = { kind: 'process' as const, pid: process.pid, startTicks: '1', host: executor.host, bootId: executor.bootId };
    const kinds = async (handle: typeof here) => (await executor.observe({ ...place1, handle })).kind;
    expect(await kinds(here)).toBe('dead');
    const elsewhere = { ...here, host: 'elsewhere', bootId: 'another' };
    expect(await kinds(elsewhere)).toBe('elsewhere');
    expect(await kinds({ ...here, bootId: 'earlier' })).toBe('dead');
    // A machine that was given another name.
    expect(await kinds({ ...here, host: 'renamed' })).toBe('dead');
    await executor.stop({ ...place1, handle: { ...here, bootId: 'earlier' } }, 0);
    writeFileSync(join(place1.folder, 'exit'), '1 4\n');
    expect(await executor.observe({ ...place1, handle: elsewhere })).toEqual({
      kind: 'ended',
      exitCode: 4,
      asked: false,
    });
    writeFileSync(join(place1.folder, 'exit'), '2 4\n');
    expect(await kinds(here)).toBe('dead');
  });

  it('refuses what no program can be given', async () => {
    const executor = newExecutor();
    await expect(executor.prepare({ ...place(), argv: ['echo', 'a\0b'] })).rejects.toThrow(PrepareError);
    await expect(executor.prepare({ ...place(), argv: ['echo', 'x'.repeat(3_000_000)] })).rejects.toThrow(PrepareError);
    await expect(executor.prepare({ ...place(), argv: ['echo'], cwd: join(root, 'nowhere') })).rejects.toThrow(PrepareError);
  });
});
