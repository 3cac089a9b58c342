import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { AppConfig, readConfig } from '../src/common/config/app-config';
import { DatabaseMutex } from '../src/common/database/database-mutex';
import { ProjectFiles } from '../src/common/files/project-files';
import type { Manifest, ParameterValues } from '../src/common/pipelines/manifest';
import { PipelineCatalogue } from '../src/common/pipelines/pipeline-catalogue';
import { Project } from '../src/common/projects/project.entity';
import { openQueueStore } from '../src/common/queue/queue.module';
import type { CancelOutcome, NewRun, QueueStore } from '../src/common/queue/queue-store';
import { Run, RunEvent, Runner } from '../src/common/queue/run.entity';
import { isFinal, type RunState } from '../src/common/queue/run-state';
import { ProcessExecutor } from '../src/runner/executors/process-executor';
import { RunnerModule } from '../src/runner/runner.module';
import { RunnerService } from '../src/runner/runner.service';
import type { DataSource } from 'typeorm';
import { openTestDatabase, type TestDatabase } from './database';
import { aNewRun, aProject } from './factories';
import { until } from './until';

/** Short times, so that a test sees in seconds what takes minutes in earnest. */
const QUICK = {
  RUNNER_BEAT: '0.5s',
  RUNNER_STALE: '2s',
  STOP_GRACE: '1s',
  RUNNER_SLOTS: '2',
  LOG_LEVEL: 'warn',
  FREE_SPACE_RESERVE: '1 MB',
};

/** The pipeline of all scripts that a test makes up. */
const SHELL = 'shell';

/** A database with one project and pipelines made of shell scripts, and runners on it: in this process, or as processes of their own. */
export class RunnerWorld {
  private constructor(
    readonly database: TestDatabase,
    readonly environment: Record<string, string>,
    readonly dataSource: DataSource,
    readonly store: QueueStore,
    readonly project: Project,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<RunnerWorld> {
    const database = await openTestDatabase({ ...QUICK, ...settings });
    const pipelines = join(database.folder, 'pipelines');
    mkdirSync(pipelines);
    const environment = { PATH: process.env['PATH'] ?? '', ...database.environment, PIPELINES_DIR: pipelines };
    const dataSource = await database.connect();
    const project = aProject();
    await dataSource.getRepository(Project).insert(project);
    const config = readConfig(environment);
    await new ProjectFiles(config).create(project);
    const world = new RunnerWorld(database, environment, dataSource, openQueueStore(config, dataSource, new DatabaseMutex()), project);
    world.addPipeline(SHELL, 'exit 0');
    return world;
  }

  /** Ends what a failed test left running, too. */
  async close(): Promise<void> {
    const executor = new ProcessExecutor(readConfig(this.environment));
    for (const run of await this.runs()) {
      if (!isFinal(run.state))
        await executor.stop(
          { runId: run.id, attempt: run.attempt, engine: run.engine, folder: this.control(run, ''), handle: run.handle },
          0,
        );
    }
    await executor.removeOrphans(() => Promise.resolve(false));
    await this.store.close();
    await this.database.close();
  }

  /** Adds a pipeline `id` whose command is a script with that body. */
  addPipeline(id: string, script: string): void {
    const folder = join(this.environment['PIPELINES_DIR'], id);
    mkdirSync(folder);
    writeFileSync(join(folder, 'job.sh'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'job.sh'), 0o755);
    writeFileSync(join(folder, 'pipeline.yaml'), 'command: ./job.sh\n');
  }

  /** Puts a run of that pipeline into the queue. @param manifest what to change in it. */
  async submit(
    id: string,
    manifest: Partial<Manifest> = {},
    over: Partial<NewRun> = {},
    parameters: ParameterValues = {},
  ): Promise<number> {
    const pipeline = await new PipelineCatalogue(readConfig(this.environment)).find(id);
    const whole = { ...pipeline?.manifest, ...manifest } as Manifest;
    const { runId } = await this.store.enqueue(
      aNewRun({
        pipelineId: id,
        pipelineTitle: id,
        projectId: this.project.id,
        ownerId: this.project.ownerId,
        manifest: whole as unknown as Record<string, unknown>,
        parameters,
        maxStarts: whole.retry?.starts ?? 1,
        ...over,
      }),
    );
    await this.poke();
    return runId;
  }

  async cancel(runId: number, note: string): Promise<CancelOutcome> {
    const outcome = await this.store.requestCancel(runId, note);
    await this.poke();
    return outcome;
  }

  /**
   * Stops a runner's process in its tracks. Not in the middle of a transaction on SQLite, where that would keep everybody else from
   * writing: a lock of the file ends with its process, and a frozen process has not ended.
   */
  async freeze(runner: RunnerProcess): Promise<void> {
    for (;;) {
      runner.child.kill('SIGSTOP');
      if (this.database.kind === 'mariadb' || (await this.canWrite())) return;
      runner.child.kill('SIGCONT');
      await sleep(20);
    }
  }

  private canWrite(): Promise<boolean> {
    return this.dataSource.query('UPDATE gate SET v = v').then(
      () => true,
      () => false,
    );
  }

  /** Wakes all runners, as the web process does. */
  async poke(): Promise<void> {
    const runners = await this.dataSource.getRepository(Runner).find();
    const socket = createSocket('udp4');
    for (const { pokeAddress } of runners) {
      const [host, port] = pokeAddress?.split(':') ?? [];
      if (host) await new Promise((resolve) => socket.send('', Number(port), host, resolve));
    }
    socket.close();
  }

  /** One run of a shell script. */
  run(script: string, manifest: Partial<Manifest> = {}, over: Partial<NewRun> = {}): Promise<number> {
    const runtime = { kind: 'process', command: ['/bin/sh', '-c', script], env: {} } as const;
    return this.submit(SHELL, { runtime: { ...runtime, command: [...runtime.command] }, ...manifest }, over);
  }

  find(runId: number): Promise<Run> {
    return this.dataSource.getRepository(Run).findOneByOrFail({ id: runId });
  }

  runs(): Promise<Run[]> {
    return this.dataSource.getRepository(Run).find({ order: { id: 'ASC' } });
  }

  events(runId: number): Promise<RunEvent[]> {
    return this.dataSource.getRepository(RunEvent).find({ where: { runId }, order: { id: 'ASC' } });
  }

  async untilState(runId: number, ...states: RunState[]): Promise<Run> {
    let run = await this.find(runId);
    await until(async () => {
      run = await this.find(runId);
      if (isFinal(run.state) && !states.includes(run.state))
        throw new Error(`run ${runId} ended ${run.state}: ${run.note}\n${this.log(run)}`);
      return states.includes(run.state);
    }, 20_000);
    return run;
  }

  /** Waits for the end, whatever it is. */
  async untilFinal(runId: number): Promise<Run> {
    let run = await this.find(runId);
    await until(async () => isFinal((run = await this.find(runId)).state), 20_000);
    return run;
  }

  results(runId: number, name = ''): string {
    return join(this.database.folder, 'files', this.project.ownerId, this.project.id, 'runs', String(runId), name);
  }

  control(run: Pick<Run, 'id' | 'attempt'>, name: string): string {
    return join(this.database.folder, 'runs', String(run.id), String(run.attempt), name);
  }

  /** Whether its program left the record of its end. */
  hasRecord(run: Pick<Run, 'id' | 'attempt'>): boolean {
    const path = this.control(run, 'exit');
    return existsSync(path) && /^\d+ \d+\n/.test(readFileSync(path, 'utf8'));
  }

  log(run: Pick<Run, 'id' | 'attempt'>): string {
    const path = this.control(run, 'log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** A runner in this process. @returns what stops it. */
  async startRunner(settings: Record<string, string> = {}): Promise<() => Promise<void>> {
    const config = readConfig({ ...this.environment, ...settings });
    const logger = process.env['TEST_LOG'] ? undefined : (false as const);
    const module = Test.createTestingModule({ imports: [RunnerModule] })
      .overrideProvider(AppConfig)
      .useValue(config);
    const context = await (logger === undefined ? module : module.setLogger({ log: () => {}, warn: () => {}, error: () => {} })).compile();
    await context.init();
    await context.get(RunnerService).start();
    return () => context.close();
  }

  /** A runner as a process of its own. @param home where the compiled product lies. */
  spawnRunner(home: string, settings: Record<string, string> = {}): RunnerProcess {
    return this.spawnProgram('runner', home, settings);
  }

  /** Another process of the product on this world, such as `web`. */
  spawnProgram(name: string, home: string, settings: Record<string, string> = {}): RunnerProcess {
    return new RunnerProcess(home, { ...this.environment, NODE_ENV: 'test', ...settings }, name);
  }
}

/** `node dist/runner`, or another process of the product, to be treated badly. */
export class RunnerProcess {
  readonly child: ChildProcess;
  output = '';

  constructor(home: string, environment: Record<string, string>, name = 'runner') {
    this.child = spawn(process.execPath, [join(home, 'dist', `${name}.js`)], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += String(chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += String(chunk)));
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isAlive) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    if (signal !== 'SIGKILL') this.child.kill('SIGCONT');
    await ended;
  }
}
