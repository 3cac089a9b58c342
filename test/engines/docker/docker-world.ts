import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readConfig } from '../../../src/common/config/app-config';
import type { FactsRepository } from '../../../src/common/database/facts.repository';
import type { DockerRuntime } from '../../../src/common/pipelines/runtime';
import { DockerExecutor } from '../../../src/runner/executors/docker/docker-executor';
import type { Assignment, Execution, HeldProgram, Observation } from '../../../src/runner/executors/executor';
import { anAssignment } from '../../factories';
import { startDockerd, TEST_IMAGE, type Dockerd } from '../../tools/dockerd.mjs';
import { until } from '../../until';

export const INSTALLATION = '11111111-2222-4333-8444-555555555555';

/** What a manifest says of a container; the image has busybox and nothing else. */
export function aDockerRuntime(over: Partial<DockerRuntime> = {}): DockerRuntime {
  const nothing = { entrypoint: null, network: false, user: null, mounts: [], shmBytes: null };
  return { kind: 'docker', image: TEST_IMAGE, command: [], env: {}, ...nothing, ...over };
}

/** One attempt in the hands of a test. */
export interface Started {
  assignment: Assignment;
  held: HeldProgram;
  execution: Execution;
}

/** A Docker Engine of its own with folders for runs, and executors on it. */
export class DockerWorld {
  private runs = 0;

  private constructor(readonly engine: Dockerd) {}

  static async open(options: { liveRestore?: boolean } = {}): Promise<DockerWorld> {
    if (!process.env['TEST_LOG']) Logger.overrideLogger(false);
    return new DockerWorld(await startDockerd(options));
  }

  close(): Promise<void> {
    return this.engine.remove();
  }

  /** As a runner has it; a second one stands for a second runner. */
  newExecutor(settings: Record<string, string> = {}, installation = INSTALLATION): DockerExecutor {
    const places = { DATA_DIR: join(this.engine.folder, 'work'), DOCKER_HOST: this.engine.host, PATH: process.env['PATH'] };
    const facts = { installationId: async () => installation } as unknown as FactsRepository;
    return new DockerExecutor(readConfig({ ...places, ...settings }), facts);
  }

  assignment(over: Partial<Assignment> = {}): Assignment {
    this.runs += 1;
    const base = join(this.engine.folder, 'work', String(this.runs));
    const places = { folder: join(base, 'control'), projectFolder: join(base, 'project'), pipelineFolder: join(base, 'pipeline') };
    const cwd = join(places.projectFolder, 'runs', '1');
    for (const folder of [...Object.values(places), cwd]) mkdirSync(folder, { recursive: true });
    return anAssignment({ ...places, cwd, runId: this.runs, runtime: aDockerRuntime(), ...over });
  }

  async prepare(executor: DockerExecutor, script: string, over: Partial<Assignment> = {}): Promise<Started> {
    const assignment = this.assignment({ argv: ['/bin/sh', '-c', script], ...over });
    const held = await executor.prepare(assignment);
    const { runId, attempt, folder } = assignment;
    return { assignment, held, execution: { runId, attempt, engine: 'docker', folder, handle: held.handle } };
  }

  async start(executor: DockerExecutor, script: string, over: Partial<Assignment> = {}): Promise<Started> {
    const started = await this.prepare(executor, script, over);
    await started.held.go();
    return started;
  }

  /** Waits for the end. */
  async end(executor: DockerExecutor, { execution }: Pick<Started, 'execution'>): Promise<Observation> {
    await executor.change(execution, AbortSignal.timeout(20_000));
    await until(async () => !['running', 'held', 'orphaned'].includes((await executor.observe(execution)).kind), 20_000);
    return executor.observe(execution);
  }

  async containers(): Promise<{ Id: string; Names: string[]; State: string; Labels: Record<string, string> }[]> {
    return JSON.parse((await this.engine.call('GET', '/containers/json?all=1')).body);
  }

  async inspect(key: string): Promise<{ State: { Status: string }; HostConfig: Record<string, unknown>; Config: Record<string, unknown> }> {
    return JSON.parse((await this.engine.call('GET', `/containers/${key}/json`)).body);
  }
}

/** What a program wrote into its folder for results. */
export function result({ assignment }: Pick<Started, 'assignment'>, name: string): string {
  return readFileSync(join(assignment.cwd, name), 'utf8');
}

export function control({ assignment }: Pick<Started, 'assignment'>, name: string): string {
  return join(assignment.folder, name);
}

export function log(started: Pick<Started, 'assignment'>): string {
  return readFileSync(control(started, 'log'), 'utf8');
}

export function containerId({ held }: Started): string {
  if (held.handle.kind !== 'docker') throw new Error(`not a container: ${JSON.stringify(held.handle)}`);
  return held.handle.containerId;
}
