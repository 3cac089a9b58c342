import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import type { FactsRepository } from '../../../src/common/database/facts.repository';
import { LostStarts } from '../../../src/runner/executors/docker/lost-starts';
import { DockerExecutor } from '../../../src/runner/executors/docker/docker-executor';
import type { Execution } from '../../../src/runner/executors/executor';
import { HandoffExecutor } from '../../../src/runner/executors/handoff/handoff-executor';
import { ProcessExecutor } from '../../../src/runner/executors/process-executor';
import { Watches } from '../../../src/runner/executors/slurm/watches';
import { anAssignment } from '../../factories';
import { HandoffHost } from '../../handoff-host';
import { countKept } from '../../kept';
import { until } from '../../until';

/**
 * Runs end in many ways, and not with all of them a runner says goodbye to its executor: another took the run over, it is tried again,
 * its thread was lost. What a process remembers of thousands of runs must not stay for any of them.
 */
describe('after attempts that nobody took leave of, nothing is kept', () => {
  let root: string;
  let runs = 0;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-memory-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function place() {
    runs += 1;
    const folder = join(root, `control-${runs}`);
    const cwd = join(root, `results-${runs}`);
    mkdirSync(folder);
    mkdirSync(cwd);
    return anAssignment({ runId: runs, folder, cwd });
  }

  const config = (over: Record<string, string> = {}) => readConfig({ DATA_DIR: root, PATH: process.env['PATH'], ...over });

  it('by the executor of processes', async () => {
    const executor = new ProcessExecutor(config());
    const runSome = async (attempts: number) => {
      for (let number = 0; number < attempts; number += 1) {
        const assignment = place();
        const held = await executor.prepare(assignment);
        await held.go();
        await executor.change({ ...assignment, engine: 'process', handle: held.handle }, AbortSignal.timeout(20_000));
      }
    };
    try {
      await runSome(3);
      const before = countKept(executor);
      await runSome(200);
      // Shells that wait for the next program come and go.
      await until(() => countKept(executor) < before + 200);
    } finally {
      await executor.onApplicationShutdown();
      await executor.removeOrphans(() => Promise.resolve(false));
    }
  }, 60_000);

  it('by the executor of hand-offs', async () => {
    const executor = new HandoffExecutor(config());
    const host = new HandoffHost(join(root, 'shared'));
    const before = countKept(executor);
    for (let number = 0; number < 300; number += 1) {
      const assignment = { ...place(), runtime: host.runtime() };
      const held = await executor.prepare(assignment);
      const execution: Execution = { ...assignment, engine: 'handoff', handle: held.handle };
      await executor.observe(execution);
      await held.discard();
      await executor.keepLog(execution, AbortSignal.abort());
      // As of a run that is told from afar, or stopped late.
      await executor.observe(execution);
    }
    expect(countKept(executor)).toBe(before);
  }, 60_000);

  it('by the executor of containers', async () => {
    const facts = { installationId: () => Promise.resolve('installation') } as unknown as FactsRepository;
    // Nobody answers there.
    const executor = new DockerExecutor(config({ DOCKER_HOST: `unix://${join(root, 'nobody.sock')}` }), facts);
    const starts = new LostStarts(true);
    await executor.keepLog(anExecution('docker', 0), AbortSignal.abort());
    const before = countKept(executor);
    for (let number = 1; number < 1000; number += 1) {
      const execution = anExecution('docker', number);
      await executor.keepLog(execution, AbortSignal.abort());
      expect(starts.judge(execution, 'f'.repeat(64))).toEqual({ kind: 'held' });
    }
    expect(countKept(executor)).toBe(before);
    expect(countKept(starts)).toBe(0);
  });

  it('by the executor of jobs', () => {
    const watches = new Watches();
    const one = anExecution('slurm', 0);
    for (let number = 1; number < 5000; number += 1) watches.of(anExecution('slurm', number)).goneMs = number;
    watches.of(one).goneMs = 1;
    expect(watches.of(one).goneMs).toBe(1);
    expect(countKept(watches)).toBe(0);
  });

  function anExecution(engine: Execution['engine'], runId: number): Execution {
    return { runId, attempt: 1, engine, folder: join(root, `${engine}-${runId}`), handle: null };
  }
});
