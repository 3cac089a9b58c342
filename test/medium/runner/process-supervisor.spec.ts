import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import type { Assignment, Execution } from '../../../src/runner/executors/executor';
import { ProcessExecutor } from '../../../src/runner/executors/process-executor';
import { isAlive, processesSince, readProcess } from '../../../src/runner/executors/process-table';
import { type Identity, SupervisorLane } from '../../../src/runner/executors/supervisor-lane';
import { SupervisorLanes } from '../../../src/runner/executors/supervisor-lanes';
import { anAssignment, processHandle } from '../../factories';
import { until } from '../../until';

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '' };
const MOUNTS = spawnSync('mount', ['--version']).status === 0 && process.getuid?.() === 0;
const asRoot = MOUNTS ? it : it.skip;

describe('the supervisor of a local process', () => {
  let root: string;
  let runs = 0;
  const executors: ProcessExecutor[] = [];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-supervisor-'));
  });
  afterAll(async () => {
    await Promise.all(executors.map((executor) => executor.onApplicationShutdown()));
    await newExecutor().removeOrphans(() => Promise.resolve(false));
    rmSync(root, { recursive: true, force: true });
  });

  function newExecutor(): ProcessExecutor {
    const executor = new ProcessExecutor(readConfig({ DATA_DIR: root, ...ENVIRONMENT }));
    executors.push(executor);
    return executor;
  }

  const shell = (script: string, ...args: string[]) => ['/bin/sh', '-c', script, ...args];

  async function start(executor: ProcessExecutor, over: Partial<Assignment>, base = root) {
    runs += 1;
    const folder = join(base, `control-${runs}`);
    const cwd = join(root, `results-${runs}`);
    for (const path of [folder, cwd]) mkdirSync(path);
    const assignment = anAssignment({ runId: runs, folder, cwd, ...over });
    const held = await executor.prepare(assignment);
    const execution: Execution = { ...assignment, engine: 'process', handle: held.handle };
    return { execution, held, cwd };
  }

  const isGone = ({ pid, startTicks }: Identity) => !isAlive(pid, startTicks);
  const parentOf = (execution: Execution) => readProcess(processHandle(execution).pid)?.parent ?? 0;

  it.each(['dash', 'bash'])('is understood by %s as /bin/sh', async (name) => {
    const path = join(root, name);
    mkdirSync(path);
    symlinkSync(execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(), join(path, 'sh'));
    const lane = await SupervisorLane.open(ENVIRONMENT, join(path, 'sh'));
    const odd = 'a\n\nb \\ "$(id)" \u0081\u0088 日本 \t';
    // Twice, because a lane takes one program after the other.
    for (const round of ['one', 'two']) {
      const folder = join(path, round);
      mkdirSync(folder);
      writeFileSync(join(folder, 'exit'), Buffer.alloc(512, ' '));
      const limits = ['-n 50', '-S -t 7', '-H -t 9', '-f 20', '-u 30000'];
      const argv = shell('printf "%s|" "$1" "$GREETING"; ulimit -n; ulimit -t; ulimit -f; ulimit -H -t; exit 6', 'sh', odd);
      const rest = ['0', String(limits.length), '1', ...limits, `GREETING=${odd}`, ...argv];
      lane.standBy([]);
      await until(() => lane.isStanding);
      const turn = lane.prepare([folder, '3', '1000', 'cut', folder, String(rest.length), ...rest]);
      const held = await turn.held;
      expect(isAlive(held?.pid ?? 0, held?.startTicks ?? '')).toBe(true);
      await lane.say('go');
      expect(await turn.ended).toBe(true);
      expect(readFileSync(join(folder, 'exit'), 'latin1').slice(0, 4)).toBe('3 6\n');
      await turn.logged;
      expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(`${odd}|${odd}|50\n7\n20\n9\n`);
      await lane.say('kept');
      await turn.free;
    }
    expect(lane.isAlive).toBe(true);
    lane.close();
    await until(() => !lane.isAlive);
  });

  it('is followed to its end, and its record read, when the shell that made it is killed', async () => {
    const executor = newExecutor();
    const { execution, held, cwd } = await start(executor, { argv: shell('while [ ! -e end ]; do sleep 0.02; done; exit 8') });
    await held.go();
    process.kill(parentOf(execution), 'SIGKILL');
    await until(async () => (await executor.observe(execution)).kind === 'running');
    writeFileSync(join(cwd, 'end'), '');
    await executor.change(execution, AbortSignal.timeout(20_000));
    expect(await executor.observe(execution)).toEqual({ kind: 'ended', exitCode: 8, asked: false });
    await executor.sweep(execution);
    await until(() => isGone(processHandle(execution)));
  });

  it('takes the held program with it when it is killed, and its shell is not used again', async () => {
    const executor = newExecutor();
    const { execution, held, cwd } = await start(executor, { argv: shell('touch ran') });
    const lane = parentOf(execution);
    process.kill(processHandle(execution).pid, 'SIGKILL');
    await until(() => readProcess(lane)?.zombie ?? true);
    await held.go();
    await executor.change(execution, AbortSignal.timeout(20_000));
    await until(async () => (await executor.observe(execution)).kind === 'never_began');
    expect(await executor.seal(execution)).toBe(true);
    await executor.sweep(execution);
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
    const next = await start(executor, { argv: shell('exit 2') });
    expect(parentOf(next.execution)).not.toBe(lane);
    await next.held.go();
    await executor.change(next.execution, AbortSignal.timeout(20_000));
    expect(await executor.observe(next.execution)).toEqual({ kind: 'ended', exitCode: 2, asked: false });
    await executor.sweep(next.execution);
  });

  it('is made by a shell that is there already, one after the other', async () => {
    const lanes = new SupervisorLanes(ENVIRONMENT, { make: () => Promise.resolve(null), remove: () => Promise.resolve() });
    const used = new Set<number>();
    for (const name of ['first', 'second', 'third']) {
      const folder = join(root, name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'exit'), Buffer.alloc(512, ' '));
      const words = ['1', '1000', 'cut', folder, '6', '0', '0', '0', ...shell('exit 0')];
      const start = { folder, wordsIn: () => Promise.resolve(words), onEnded: () => Promise.resolve() };
      const { turn } = await lanes.prepare(start);
      used.add(turn.lane.identity.pid);
      await turn.lane.say('go');
      expect(await turn.ended).toBe(true);
      await until(() => lanes.of(folder) === undefined);
    }
    expect(used.size).toBe(1);
    await lanes.close();
    const [lane = 0] = used;
    await until(() => readProcess(lane)?.zombie ?? true);
  });

  it('is not waited for without end where its shell hangs, and never lets the program go then', async () => {
    const shells = new Set<number>();
    const make = ({ pid }: Identity) => Promise.resolve(shells.add(pid)).then(() => null);
    const lanes = new SupervisorLanes(ENVIRONMENT, { make, remove: () => Promise.resolve() }, 300);
    const folder = join(root, 'hanging');
    mkdirSync(folder);
    // What stands by is the grandchild of the shell of a lane. Lanes of other tests may come and go meanwhile.
    const standing = () => processesSince('0').filter(({ parent }) => shells.has(readProcess(parent)?.parent ?? 0));
    let hung: number[] = [];
    const wordsIn = async () => {
      await until(() => standing().length > 0);
      hung = standing().map(({ pid }) => pid);
      for (const pid of hung) process.kill(pid, 'SIGSTOP');
      const argv = shell('touch "$1"', 'sh', join(folder, 'ran'));
      return ['1', '1000', 'cut', folder, String(3 + argv.length), '0', '0', '0', ...argv];
    };
    await expect(lanes.prepare({ folder, wordsIn, onEnded: () => Promise.resolve() })).rejects.toThrow(/did not/);
    expect(lanes.of(folder)).toBeUndefined();
    expect(hung.length).toBeGreaterThan(0);
    for (const pid of hung) if (readProcess(pid)) process.kill(pid, 'SIGCONT');
    await until(() => hung.every((pid) => readProcess(pid)?.zombie ?? true));
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    await lanes.close();
  });

  it('does not count seconds by the wall clock, nor takes a later process of its number for itself', async () => {
    const executor = newExecutor();
    const { execution, held } = await start(executor, { argv: shell('exec sleep 300') });
    await held.go();
    await until(async () => (await executor.observe(execution)).kind === 'running');
    const handle = processHandle(execution);
    const seen = async (startTicks: string) => (await executor.observe({ ...execution, handle: { ...handle, startTicks } })).kind;
    // Clock ticks since boot name it; with others of the same number there is a program and nobody who watches over it.
    expect(await seen(String(Number(handle.startTicks) + 1))).not.toBe('running');
    expect(await seen(handle.startTicks)).toBe('running');
    await executor.stop(execution, 0);
  });

  asRoot('has room for its record on a disk that the program filled, which goes on', async () => {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'showrunner-test', disk]);
    try {
      const executor = newExecutor();
      const argv = shell('head -c 2000000 /dev/zero; cat /dev/zero > "$1/full" 2>/dev/null; echo more; touch done; exit 5', 'sh', disk);
      const { execution, held, cwd } = await start(executor, { argv }, disk);
      await held.go();
      await executor.change(execution, AbortSignal.timeout(20_000));
      expect(await executor.observe(execution)).toEqual({ kind: 'ended', exitCode: 5, asked: false });
      expect(existsSync(join(cwd, 'done'))).toBe(true);
      expect(() => writeFileSync(join(disk, 'another'), Buffer.alloc(100_000))).toThrow(/ENOSPC/);
      await executor.sweep(execution);
      await until(() => isGone(processHandle(execution)));
    } finally {
      execFileSync('umount', ['--lazy', disk]);
    }
  });
});
