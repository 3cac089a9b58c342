import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import type { Execution } from '../../../src/runner/executors/executor';
import { ProcessExecutor } from '../../../src/runner/executors/process-executor';
import { text } from '../../../src/locales/text';
import { anAssignment, processHandle } from '../../factories';
import { until } from '../../until';
import { isAlive } from '../../../src/runner/executors/process-table';

const LIMIT = 256 * 1024;
/** Writes lines as fast as it can, and says every now and then how often it has done so. */
const TALKS_FOR_EVER = `i=0; while :; do i=$((i + 1)); seq 1 2000; echo "$i" > rounds.new; mv rounds.new rounds; done`;

describe('a program that writes more than its log takes', () => {
  let root: string;
  let sut: ProcessExecutor;
  let runs = 0;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-log-limit-'));
    sut = new ProcessExecutor(readConfig({ DATA_DIR: root, PATH: process.env['PATH'], MAX_LOG: '256 KiB' }));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** @param prepare what is done to the folder of control files before the start. */
  async function start(script: string, prepare: (folder: string) => void = () => undefined) {
    runs += 1;
    const folder = join(root, `control-${runs}`);
    const cwd = join(root, `results-${runs}`);
    mkdirSync(folder);
    mkdirSync(cwd);
    prepare(folder);
    const assignment = { ...anAssignment({ runId: runs, folder, cwd }), engine: 'process' as const, argv: ['/bin/sh', '-c', script] };
    const held = await sut.prepare(assignment);
    await held.go();
    const execution: Execution = { ...assignment, handle: held.handle };
    const rounds = () => {
      try {
        return Number(readFileSync(join(cwd, 'rounds'), 'utf8'));
      } catch {
        return 0;
      }
    };
    return { execution, log: join(folder, 'log'), rounds };
  }

  async function stop(execution: Execution): Promise<void> {
    await sut.stop(execution, 5000);
    await sut.sweep(execution);
    const { pid, startTicks } = processHandle(execution);
    await until(() => !isAlive(pid, startTicks));
  }

  it('goes on, while the log stays at its limit and ends with a note', async () => {
    const { execution, log, rounds } = await start(TALKS_FOR_EVER);
    // Fifty rounds are a multiple of the limit: what is written now goes nowhere.
    await until(() => rounds() > 50, 60_000);
    const size = statSync(log).size;
    expect(size).toBeLessThan(LIMIT + 1024);
    const before = rounds();
    await until(() => rounds() > before + 20, 60_000);
    expect(statSync(log).size).toBe(size);
    expect(readFileSync(log, 'utf8')).toMatch(new RegExp(`^1\\n2\\n3\\n[^]*\\n\\[${text('runner.logCut').slice(1, -1)}\\]\\n$`));
    expect((await sut.observe(execution)).kind).toBe('running');
    await stop(execution);
  });

  it('goes on when the disk is full, and ends as it would have ended', async () => {
    const full = (folder: string) => symlinkSync('/dev/full', join(folder, 'log'));
    const { execution, rounds } = await start(TALKS_FOR_EVER, full);
    await until(() => rounds() > 20, 60_000);
    expect((await sut.observe(execution)).kind).toBe('running');
    await stop(execution);
    const short = await start('seq 1 100000; exit 7', full);
    await sut.change(short.execution, AbortSignal.timeout(60_000));
    expect(await sut.observe(short.execution)).toMatchObject({ kind: 'ended', exitCode: 7 });
    expect(lstatSync(short.log).isSymbolicLink()).toBe(true);
    await stop(short.execution);
  });
});
