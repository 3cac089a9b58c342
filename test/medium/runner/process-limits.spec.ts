import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import { findHierarchies } from '../../../src/runner/executors/cgroup-hierarchies';
import { ControlGroups } from '../../../src/runner/executors/control-groups';
import type { Assignment, Execution, Observation } from '../../../src/runner/executors/executor';
import { ProcessExecutor } from '../../../src/runner/executors/process-executor';
import { readProcess } from '../../../src/runner/executors/process-table';
import type { LimitRecord } from '../../../src/runner/executors/resource-limits';
import { SupervisorLane } from '../../../src/runner/executors/supervisor-lane';
import { anAssignment, processHandle } from '../../factories';
import { until } from '../../until';

/** What this machine lets us do; where it has no control groups, the limits of processes are all there is to test. */
const hierarchies = findHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'), null);
const limits = (controller: 'memory' | 'cpu' | 'pids') => hierarchies.some(({ controllers }) => controllers.includes(controller));
const withGroups = hierarchies.length > 0 ? it : it.skip;
const withMemory = limits('memory') ? it : it.skip;
const withCpu = limits('cpu') ? it : it.skip;
const withSecond = hierarchies.some(({ version }) => version === 2) ? it : it.skip;
const withPids = limits('pids') ? it : it.skip;

const EAT = `const held = []; for (;;) held.push(Buffer.alloc(8 * 1024 * 1024, 1));`;
/** Leaves session and parent, forgets its environment, and stays: nothing but its control group still tells where it came from. */
const ESCAPE = `
  const { spawn } = require('node:child_process');
  const inner = 'setsid env -i /bin/sh -c \\'echo $$ > daemon; exec >/dev/null 2>&1; while :; do sleep 1; done\\' &';
  spawn('/bin/sh', ['-c', inner], { detached: true, stdio: 'ignore', env: { PATH: process.env.PATH } }).unref();`;

describe('limits of a local process', () => {
  let root: string;
  let runs = 0;
  const executors: ProcessExecutor[] = [];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-limits-'));
  });
  afterAll(async () => {
    await Promise.all(executors.map((executor) => executor.onApplicationShutdown()));
    await newExecutor().removeOrphans(() => Promise.resolve(false));
    expect(leftGroups()).toEqual([]);
    rmSync(root, { recursive: true, force: true });
  });

  function newExecutor(environment: Record<string, string> = {}): ProcessExecutor {
    const executor = new ProcessExecutor(readConfig({ DATA_DIR: root, PATH: process.env['PATH'], ...environment }));
    executors.push(executor);
    return executor;
  }

  const shell = (script: string) => ['/bin/sh', '-c', script];
  const recordOf = ({ folder }: Execution) => JSON.parse(readFileSync(join(folder, 'limits.json'), 'utf8')) as LimitRecord;
  const groupsOf = (execution: Execution) => recordOf(execution).groups;
  const leftGroups = () => hierarchies.flatMap(({ folder }) => readdirSync(folder).filter((name) => name.startsWith(`${prefix()}-`)));
  let knownPrefix = 'showrunner-none';
  const prefix = () => knownPrefix;

  async function start(executor: ProcessExecutor, over: Partial<Assignment>) {
    runs += 1;
    const folder = join(root, `control-${runs}`);
    const cwd = join(root, `results-${runs}`);
    mkdirSync(folder);
    mkdirSync(cwd);
    const assignment = anAssignment({ runId: runs, folder, cwd, ...over });
    const held = await executor.prepare(assignment);
    const execution: Execution = { ...assignment, engine: 'process', handle: held.handle };
    const name = existsSync(join(folder, 'limits.json')) ? groupsOf(execution)[0] : undefined;
    if (name) knownPrefix = name.replace(/^.*\//, '').replace(/-\d+-\d+$/, '');
    return { execution, held, cwd };
  }

  async function run(over: Partial<Assignment>, environment: Record<string, string> = {}) {
    const executor = newExecutor(environment);
    const { execution, held, cwd } = await start(executor, over);
    await held.go();
    await executor.change(execution, AbortSignal.timeout(30_000));
    const before = await executor.observe(execution);
    await executor.sweep(execution);
    // What only the control group knew is still known when that is gone.
    expect(await executor.observe(execution)).toEqual(before);
    const log = join(execution.folder, 'log');
    return { observation: before, execution, cwd, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
  }

  const ended = (exitCode: number, more: Partial<Observation> = {}) => ({ kind: 'ended', exitCode, asked: false, ...more });

  withMemory('tells want of memory by the control group, and names the limit', async () => {
    const argv = [process.execPath, '-e', EAT];
    const { observation, execution } = await run({ argv, needs: { cpu: 1000, memory: 128, gpus: 0 } });
    expect(observation).toEqual(ended(137, { cause: 'outOfMemory', note: 'Out of memory: it needed more than its limit of 134 MB.' }));
    expect(recordOf(execution).inForce).toContainEqual({
      name: 'memoryBytes',
      amount: 134_217_728,
      by: expect.stringMatching(/^cgroup v[12]$/) as unknown,
    });
    expect(groupsOf(execution).filter((folder) => existsSync(folder))).toEqual([]);
  });

  withMemory('tells of a program too that went on after a part of it was ended, and ended well', async () => {
    // Version 2 of control groups ends the script as well.
    const script = `${process.execPath} -e '${EAT}'; exit 0`;
    const { observation } = await run({ argv: shell(script), needs: { cpu: 1000, memory: 128, gpus: 0 } });
    const { exitCode } = observation as { exitCode: number };
    expect(observation).toMatchObject({ kind: 'ended', cause: 'outOfMemory' });
    if (exitCode === 0) expect(observation).toMatchObject({ note: expect.stringContaining('ended well. Check the results') as unknown });
  });

  withMemory('counts the memory of all processes together', async () => {
    const child = (after: string) => `${process.execPath} -e 'globalThis.held = Buffer.alloc(120 * 1024 * 1024, 1); ${after}'`;
    const stay = 'require("fs").writeFileSync("full", ""); setTimeout(() => {}, 60_000)';
    // Whichever of the two the kernel takes, the shell comes to its end.
    const script = `${child(stay)} & first=$!; while [ ! -e full ]; do sleep 0.02; done; ${child('')}; kill "$first"; exit 9`;
    const { observation } = await run({ argv: shell(script), needs: { cpu: 1000, memory: 200, gpus: 0 } });
    expect(observation).toMatchObject({ kind: 'ended', cause: 'outOfMemory' });
  });

  it('limits the memory of each process where there are no control groups, and says so', async () => {
    const argv = shell('ulimit -d; ulimit -n');
    const off = { RUNNER_CGROUP: 'off' };
    const { log, execution } = await run({ argv, needs: { cpu: 1000, memory: 64, gpus: 0 }, limits: { openFiles: 77 } }, off);
    expect(log).toBe('65536\n77\n');
    expect(recordOf(execution)).toEqual({
      groups: [],
      inForce: [
        { name: 'memoryBytes', amount: 67_108_864, by: 'rlimit' },
        { name: 'openFiles', amount: 77, by: 'rlimit' },
      ],
    });
    const eaten = await run({ argv: [process.execPath, '-e', EAT], needs: { cpu: 1000, memory: 512, gpus: 0 } }, off);
    expect(eaten.observation).toMatchObject({ kind: 'ended' });
    expect(eaten.observation).not.toMatchObject({ exitCode: 0 });
  });

  it('holds the installation to its limit of memory where a pipeline tells none', async () => {
    const { execution } = await run({ argv: shell('exit 0') }, { MEMORY_LIMIT: '96 MiB' });
    expect(recordOf(execution).inForce).toContainEqual(expect.objectContaining({ name: 'memoryBytes', amount: 100_663_296 }));
  });

  withPids('stops a fork bomb at its limit and removes all of it', async () => {
    const bomb = 'b() { b | b & }; b 2>/dev/null; sleep 0.2; exit 3';
    const { observation, execution } = await run({ argv: shell(bomb), limits: { processes: 40 } });
    expect(observation).toMatchObject({ kind: 'ended' });
    expect(recordOf(execution).inForce).toContainEqual(expect.objectContaining({ name: 'processes', amount: 40 }));
    expect(groupsOf(execution).filter((folder) => existsSync(folder))).toEqual([]);
  });

  withCpu('gives a run no more cores than it asked for, where the installation wants that', async () => {
    const executor = newExecutor({ CPU_LIMIT: 'on' });
    const { execution, held } = await start(executor, { argv: shell('exit 0'), needs: { cpu: 500, memory: 0, gpus: 0 } });
    const told = groupsOf(execution).flatMap((folder) =>
      ['cpu.max', 'cpu.cfs_quota_us'].map((name) => join(folder, name)).filter((file) => existsSync(file)),
    );
    expect(told.map((file) => readFileSync(file, 'utf8').trim())).toEqual([expect.stringMatching(/^50000( 100000)?$/)]);
    await held.discard();
    await until(() => groupsOf(execution).every((folder) => !existsSync(folder)));
  });

  it('ends what computes for too long, and tells it', async () => {
    const { observation } = await run({ argv: shell('while :; do :; done'), limits: { cpuSeconds: 1 } });
    expect(observation).toEqual(ended(152, { cause: 'cpuLimit', note: 'It used more than its limit of 1 second of processor time.' }));
  });

  it('ends what writes too large a file, and tells it; the log has a limit of its own', async () => {
    const argv = shell('head -c 300000 /dev/zero | tr "\\0" x; exec head -c 300000 /dev/zero > big');
    const { observation, cwd, log } = await run({ argv, limits: { fileBytes: 102_400 } });
    expect(observation).toEqual(ended(153, { cause: 'outputLimit', note: 'It tried to write a file larger than its limit of 102 kB.' }));
    expect(readFileSync(join(cwd, 'big'))).toHaveLength(102_400);
    expect(log).toHaveLength(300_000);
  });

  it('takes such a status for no limit where none was set', async () => {
    expect((await run({ argv: shell('kill -XCPU $$') })).observation).toEqual(ended(152));
  });

  withGroups('ends a daemon that forgot its environment, left its session and lost its parent: by stop, and by sweep', async () => {
    for (const way of ['stop', 'sweep'] as const) {
      const executor = newExecutor();
      const last = way === 'stop' ? 'setInterval(() => {}, 1000)' : '';
      const { execution, held, cwd } = await start(executor, { argv: [process.execPath, '-e', `${ESCAPE}\n${last}`] });
      await held.go();
      const file = join(cwd, 'daemon');
      await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
      const daemon = Number(readFileSync(file, 'utf8'));
      await until(
        () => readFileSync(`/proc/${daemon}/environ`, 'utf8') === '' || !readFileSync(`/proc/${daemon}/environ`, 'utf8').includes('MARK'),
      );
      expect(readProcess(daemon)).toMatchObject({ session: daemon });
      if (way === 'sweep') await executor.change(execution, AbortSignal.timeout(20_000));
      // Another runner than the one that started it: it finds the group by the record.
      await (way === 'stop' ? newExecutor().stop(execution, 0) : newExecutor().sweep(execution));
      await until(() => readProcess(daemon)?.zombie ?? true);
      expect(groupsOf(execution).filter((folder) => existsSync(folder))).toEqual([]);
    }
  });

  withGroups('never touches a group that is not its own, whatever the record says', async () => {
    const executor = newExecutor();
    const other = await start(executor, { argv: shell('exec sleep 300') });
    await other.held.go();
    await until(async () => (await executor.observe(other.execution)).kind === 'running');
    const { execution, held } = await start(executor, {
      argv: shell(`cp ${join(other.execution.folder, 'limits.json')} ${join(root, `control-${runs + 1}`)}/limits.json`),
    });
    await held.go();
    await executor.change(execution, AbortSignal.timeout(20_000));
    expect(groupsOf(execution)).toEqual(groupsOf(other.execution));
    await newExecutor().sweep(execution);
    expect((await executor.observe(other.execution)).kind).toBe('running');
    await executor.stop(other.execution, 0);
    expect(await executor.observe(other.execution)).toMatchObject({ kind: 'ended', exitCode: 137 });
  });

  withSecond('lets the next program stand by in a group of its own, which goes with whoever could start it', async () => {
    const lane = await SupervisorLane.open({ PATH: process.env['PATH'] ?? '' });
    const groups = new ControlGroups(hierarchies, `showrunner-test${process.pid}`);
    const room = await groups.makeRoom(lane.identity);
    lane.standBy([room!.entrance]);
    await until(() => lane.isStanding);
    const [pid] = await groups.pids([room!.folder]);
    expect(readProcess(readProcess(pid ?? 0)?.parent ?? 0)?.parent).toBe(lane.identity.pid);
    // As a sweep of another runner of this installation finds it.
    await groups.removeOrphans(() => Promise.resolve(false));
    expect(await groups.pids([room!.folder])).toEqual([pid]);
    // As when the runner is killed.
    lane.close();
    await lane.gone;
    await until(() => !existsSync(room!.folder));
  });

  withSecond('removes a group in which nothing can stand by any more', async () => {
    const groups = new ControlGroups(hierarchies, `showrunner-test${process.pid}`);
    const room = await groups.makeRoom({ pid: process.pid, startTicks: '1' });
    await groups.removeOrphans(() => Promise.resolve(false));
    expect(existsSync(room!.folder)).toBe(false);
  });

  withGroups('takes another shell where the one that stood by was killed, and leaves no group of it', async () => {
    const executor = newExecutor();
    const first = await start(executor, { argv: shell('exit 0') });
    const lane = readProcess(processHandle(first.execution).pid)?.parent ?? 0;
    await first.held.discard();
    process.kill(lane, 'SIGKILL');
    const next = await start(executor, { argv: shell('exit 3') });
    await next.held.go();
    await executor.change(next.execution, AbortSignal.timeout(20_000));
    expect(await executor.observe(next.execution)).toEqual(ended(3));
    await executor.sweep(next.execution);
  });

  withGroups('removes groups that no run wants, with what is in them, and leaves the others', async () => {
    const executor = newExecutor();
    const wanted = await start(executor, { argv: shell('exec sleep 300') });
    const orphan = await start(executor, { argv: shell('exec sleep 300') });
    for (const { held } of [wanted, orphan]) await held.go();
    for (const { execution } of [wanted, orphan]) await until(async () => (await executor.observe(execution)).kind === 'running');
    await newExecutor().removeOrphans((runId) => Promise.resolve(runId === wanted.execution.runId));
    await until(async () => (await executor.observe(orphan.execution)).kind === 'ended');
    expect((await executor.observe(wanted.execution)).kind).toBe('running');
    await executor.stop(wanted.execution, 0);
  });

  it('does without control groups that cannot be used', async () => {
    const executor = newExecutor({ RUNNER_CGROUP: join(root, 'not-a-group') });
    await executor.check();
    const { execution, held } = await start(executor, { argv: shell('exit 4') });
    await held.go();
    await executor.change(execution, AbortSignal.timeout(20_000));
    expect(await executor.observe(execution)).toEqual(ended(4));
    await executor.sweep(execution);
  });
});
