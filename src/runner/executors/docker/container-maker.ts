import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppConfig } from '../../../common/config/app-config';
import type { DockerRuntime } from '../../../common/pipelines/runtime';
import { text } from '../../../locales/text';
import { MissingImageError, PrepareError, type Assignment } from '../executor';
import { limitsFor, type ResourceLimits } from '../resource-limits';
import { reserveAsked, TRACE_FOLDER } from './attempt-files';
import { ComposeService } from './compose-service';
import { sameNonce, type ContainerNames } from './container-names';
import { limitsInForce, scratchLimit, type LimitingConfig } from './container-limits';
import { createBody, ownMounts, type ContainerPlan } from './container-plan';
import { hasBegun, type Inspected } from './container-state';
import { DockerRefusal, ignoreRefusal, type DockerEngine } from './docker-engine';
import { hostPath } from './host-paths';

interface ImageFacts {
  Id: string;
  RepoDigests: string[] | null;
}

/** Docker's form of a log is larger than what was printed, and whoever reads it lags behind. */
const LOG_MARGIN_BYTES = 64 * 1024 * 1024;
const CREATE_WITHIN_MS = 120_000;

/** Makes the container of an assignment: complete and held. */
export class ContainerMaker {
  constructor(
    private readonly engine: DockerEngine,
    private readonly config: AppConfig,
  ) {}

  /** @returns its id. @throws PrepareError for what trying again cannot help. */
  async make(assignment: Assignment, names: ContainerNames): Promise<string> {
    const plan = await this.plan(assignment);
    const { cpus, version } = await this.engine.facts();
    const image = await this.findImage(plan.image);
    const digests = (image.RepoDigests ?? []).map((named) => named.split('@')[1] ?? null);
    const digest = digests[0] ?? null;
    // One image may have been fetched from several places.
    requireSame(assignment, plan.image, [image.Id, ...digests]);
    const traceFolder = join(assignment.folder, TRACE_FOLDER);
    await Promise.all([mkdir(traceFolder, { recursive: true }), reserveAsked(assignment.folder)]);
    const labels = names.labelsFor(assignment);
    const { DOCKER_PATHS: paths, MAX_LOG } = this.config.settings;
    const logBytes = MAX_LOG + LOG_MARGIN_BYTES;
    const body = createBody(plan, { labels, paths, gpuIds: assignment.gpuIds, traceFolder, logBytes, cpus });
    const id = await this.create(names.nameOf(assignment), body, labels);
    // What exactly was run, for the page of the run.
    const record = { image: plan.image, imageId: image.Id, digest, docker: version, entrypoint: plan.entrypoint, command: plan.command };
    await writeFile(join(assignment.folder, 'container.json'), JSON.stringify(record));
    const inForce = [...limitsInForce(body['HostConfig'] as LimitingConfig), ...scratchLimit(plan.limits)];
    await writeFile(join(assignment.folder, 'limits.json'), JSON.stringify({ inForce }));
    return id;
  }

  /** Whether the engine can mount a folder of ours; true where it has no image to try it with. */
  async canSee(folder: string, names: ContainerNames): Promise<boolean> {
    const [image] = await this.engine.call<{ Id: string }[]>('GET', '/images/json');
    if (!image) return true;
    const source = hostPath(folder, this.config.settings.DOCKER_PATHS);
    const body = {
      Image: image.Id,
      Cmd: ['true'],
      Labels: names.labelsFor({ runId: 0, attempt: process.pid }),
      HostConfig: { Mounts: [{ Type: 'bind', Source: source, Target: '/trial', ReadOnly: true }] },
    };
    try {
      const { Id } = await this.engine.call<{ Id: string }>('POST', '/containers/create', { body, withinMs: CREATE_WITHIN_MS });
      // What is left of it is found by the search for orphans, which another runner may be at already.
      await this.engine.call('DELETE', `/containers/${Id}`, { query: { v: 1 } }).catch(ignoreRefusal);
      return true;
    } catch (error) {
      if (error instanceof DockerRefusal && error.status === 400) return false;
      throw error;
    }
  }

  private async plan(assignment: Assignment): Promise<ContainerPlan> {
    const { runtime } = assignment;
    const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    // In a container the cores are always held to what was asked for: that is what a container is for.
    const limits = { ...limitsFor(assignment, this.config), cpu: assignment.needs.cpu };
    if (runtime.kind === 'compose') return new ComposeService(assignment, runtime, this.config.programEnvironment).plan(user, limits);
    if (runtime.kind === 'docker') return planOf(assignment, runtime, user, limits);
    throw new PrepareError(text('docker.refused', { reason: runtime.kind }));
  }

  private async findImage(name: string): Promise<ImageFacts> {
    try {
      return await this.engine.call<ImageFacts>('GET', `/images/${encodeURI(name)}/json`);
    } catch (error) {
      if (error instanceof DockerRefusal && error.status === 404) throw new MissingImageError(text('docker.noImage', { image: name }));
      if (error instanceof DockerRefusal && error.status === 400) throw new PrepareError(text('docker.refused', { reason: error.message }));
      throw error;
    }
  }

  private async create(name: string, body: Record<string, unknown>, labels: Record<string, string>): Promise<string> {
    try {
      return await this.ask(name, body);
    } catch (error) {
      if (!(error instanceof DockerRefusal)) throw error;
      if (error.status === 400) throw new PrepareError(text('docker.refused', { reason: error.message }));
      if (error.status !== 409) throw error;
    }
    // Some versions say so of a name that is taken, others of other things: the name itself tells.
    const taken = await this.engine.call<Inspected>('GET', `/containers/${name}/json`);
    if (sameNonce(labels, taken.Config.Labels)) return taken.Id;
    const isLeftOver = taken.Config.Labels?.['showrunner.install'] === labels['showrunner.install'] && !hasBegun(taken);
    if (!isLeftOver) throw new Error(`another container is named ${name} already (${taken.Id.slice(0, 12)}); remove it by hand`);
    await this.engine.call('DELETE', `/containers/${taken.Id}`, { query: { v: 1 } });
    return this.ask(name, body);
  }

  private async ask(name: string, body: Record<string, unknown>): Promise<string> {
    const answer = await this.engine.call<{ Id: string }>('POST', '/containers/create', {
      query: { name },
      body,
      withinMs: CREATE_WITHIN_MS,
    });
    return answer.Id;
  }
}

function planOf(assignment: Assignment, runtime: DockerRuntime, user: string, limits: ResourceLimits): ContainerPlan {
  const { argv, cwd, env } = assignment;
  return {
    image: runtime.image,
    entrypoint: runtime.entrypoint ?? null,
    command: argv.length > 0 ? argv : null,
    env,
    user: runtime.user ?? user,
    workingFolder: cwd,
    mounts: [...ownMounts(assignment), ...runtime.mounts.map((mount) => ({ ...mount, isHostPath: true }))],
    volumes: [],
    network: runtime.network ? 'bridge' : 'none',
    shmBytes: runtime.shmBytes,
    limits,
    capabilities: [],
    deviceRequests: [],
    extra: {},
  };
}

/** A name may stand for another image than before. */
function requireSame({ sameImage }: Assignment, name: string, found: readonly (string | null)[]): void {
  if (sameImage === undefined || found.includes(sameImage.digest)) return;
  throw new PrepareError(text('docker.otherImage', { image: name, number: sameImage.run, digest: sameImage.digest }));
}
