import { hostname, uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { FactsRepository } from '../../../common/database/facts.repository';
import { freeSpace } from '../../../common/files/free-space';
import { text } from '../../../locales/text';
import { Executor, type Assignment, type Execution, type HeldProgram, type Observation } from '../executor';
import { hasTrace, markAsked, placeMarker, readEnd, readMarker, readOutgrown, wasAsked, writeEnd } from './attempt-files';
import { ContainerLog, isFullDisk } from './container-log';
import { ContainerMaker } from './container-maker';
import { EngineTrial } from './engine-trial';
import { LostStarts } from './lost-starts';
import { couldNotStart, endOf, fellWithMachine, hasBegun, isLive, withoutStatus, type Inspected } from './container-state';
import { ForgottenEnds } from './forgotten-ends';
import { Containers, dockerHandle } from './containers';
import { ScratchGuard } from './scratch-guard';
import { DockerEngine, DockerRefusal, DockerSilence, ignoreRefusal } from './docker-engine';

const LOOK_MS = 250;
/** Longest wait for the word that a container has ended, before it is looked at. */
const WAIT_MS = 60_000;
const START_WITHIN_MS = 10 * 60_000;
const STOP_MARGIN_MS = 60_000;

/**
 * Programs as containers of a Docker Engine, one for each attempt.
 *
 * At most one start. Docker starts a container that has ended a second time when it is asked to, so asking is rationed: only whoever
 * made the marker `started` in the folder of the attempt (content `go`, made by a hard link, so by exactly one) asks, once, and never
 * again however the answer got lost; all others look. Nobody has made it: a seal makes it, empty, and nobody ever will. Somebody has,
 * and the container was not started: the seal removes the container, without force, which Docker refuses for one that runs; a `start`
 * that comes later finds nothing. Between look and removal it may have run and ended, and a daemon that is killed in the middle of
 * a start forgets that it began. Neither goes unseen: the folder `trace` is mounted in the container, and another mount lies in
 * it under a name that is not there yet, so that the runtime has to make that name, in our folder, before the program begins and where
 * the program cannot remove it. After the removal: no name, no start, ever. Then the attempt is proven not to have begun.
 *
 * The end is written down in the folder as soon as it is seen, so that it outlasts the container.
 */
@Injectable()
export class DockerExecutor extends Executor {
  readonly engine = 'docker';
  readonly host = hostname();
  private readonly logger = new Logger('Runner');
  private readonly docker: DockerEngine;
  private readonly containers: Containers;
  private readonly maker: ContainerMaker;
  private readonly logs = new WeakMap<Execution, ContainerLog>();
  private readonly lostStarts: LostStarts;
  private readonly scratch: ScratchGuard;
  private readonly forgottenEnds: ForgottenEnds;
  /** Whether Docker's machine is ours, and its programs are processes that we see. */
  private readonly isLocal: boolean;

  constructor(
    private readonly config: AppConfig,
    facts: FactsRepository,
  ) {
    super();
    this.docker = new DockerEngine(config.settings.DOCKER_HOST);
    this.containers = new Containers(this.docker, () => facts.installationId());
    this.isLocal = config.settings.DOCKER_PATHS.length === 0 && config.settings.DOCKER_HOST.startsWith('unix:');
    this.lostStarts = new LostStarts(this.isLocal);
    this.maker = new ContainerMaker(this.docker, config);
    this.scratch = new ScratchGuard(this.docker);
    this.forgottenEnds = new ForgottenEnds(this.docker);
  }

  override get isReachable(): boolean {
    return this.docker.answers;
  }

  check(): Promise<void> {
    return new EngineTrial(this.docker, this.maker, this.containers, this.config).pass();
  }

  async prepare(assignment: Assignment): Promise<HeldProgram> {
    const names = await this.containers.names();
    const [containerId, { identity }] = await Promise.all([this.maker.make(assignment, names), this.docker.facts()]);
    const { folder } = assignment;
    return {
      handle: { kind: 'docker', containerId, name: names.nameOf(assignment), host: this.host, daemon: identity },
      go: async () => {
        if (await placeMarker(folder, 'go')) await this.start(containerId);
      },
      discard: async () => {
        await placeMarker(folder, '');
        if ((await readMarker(folder)) === 'sealed') await this.containers.removeQuietly(containerId);
      },
    };
  }

  /** Once. What became of it is seen by looking, whatever the answer. */
  private async start(containerId: string): Promise<void> {
    try {
      await this.docker.call('POST', `/containers/${containerId}/start`, { withinMs: START_WITHIN_MS });
    } catch (error) {
      this.logger.warn(`The start of container ${containerId.slice(0, 12)}: ${reasonOf(error)}`);
    }
  }

  async observe(execution: Execution): Promise<Observation> {
    const known = await this.recordedEnd(execution);
    if (known) return known;
    // Before the look at the container: what is seen afterwards is not in the middle of this start.
    const isTraced = await hasTrace(execution.folder);
    try {
      if (await this.containers.isElsewhere(execution)) return elsewhere(execution);
      const container = await this.containers.find(execution);
      return container ? await this.judge(execution, container, isTraced) : await this.withoutContainer(execution);
    } catch (error) {
      if (error instanceof DockerRefusal || error instanceof DockerSilence) return this.withoutEngine(execution, error);
      throw error;
    }
  }

  private async recordedEnd({ folder, attempt }: Execution): Promise<Observation | null> {
    const end = await readEnd(folder, attempt);
    return end && { kind: 'ended', ...end, asked: await wasAsked(folder) };
  }

  private async judge(execution: Execution, seen: Inspected, isTraced: boolean): Promise<Observation> {
    const { folder, attempt } = execution;
    const container = (await this.forgottenEnds.includes(seen)) ? withoutStatus(seen) : seen;
    if (isLive(container)) return { kind: 'running' };
    if (this.isLocal && fellWithMachine(container, Date.now() - uptime() * 1000)) {
      return { kind: 'dead', evidence: text('docker.machineRestarted') };
    }
    const asked = await wasAsked(folder);
    const end = endOf(container, asked, await readOutgrown(folder));
    if (end) {
      // On a full disk the container goes on telling it.
      await writeEnd(folder, attempt, end).catch((error: unknown) => {
        if (!isFullDisk(error)) throw error;
      });
      return { kind: 'ended', ...end, asked };
    }
    if (hasBegun(container)) return this.withoutContainer(execution);
    const marker = await readMarker(folder);
    if (marker === 'sealed') return { kind: 'never_began' };
    return marker === 'go' && isTraced ? this.lostStarts.judge(execution, container.Id) : { kind: 'held' };
  }

  /** Removed: by us after it ended, by a seal, or by hand. */
  private async withoutContainer(execution: Execution): Promise<Observation> {
    const late = await this.recordedEnd(execution);
    if (late) return late;
    const began = (await readMarker(execution.folder)) === 'go' && (await hasTrace(execution.folder));
    return began ? { kind: 'dead', evidence: text('docker.removed') } : { kind: 'never_began' };
  }

  private async withoutEngine(execution: Execution, error: Error): Promise<Observation> {
    const marker = await readMarker(execution.folder);
    if (marker === 'sealed') return { kind: 'never_began' };
    if (marker === null) return { kind: 'held' };
    if (dockerHandle(execution.handle)?.host !== this.host) return elsewhere(execution);
    return { kind: 'orphaned', evidence: text('docker.silent', { reason: error.message }), unseen: true };
  }

  async change(execution: Execution, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { kind } = await this.observe(execution).catch(() => ({ kind: 'orphaned' }));
      if (kind !== 'running' && kind !== 'held') return;
      if (kind === 'running') await this.untilEnded(execution, signal);
      else await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves too when the engine ends, and after a while: a way to it may swallow the answer. Then it is time to look again. */
  private async untilEnded(execution: Execution, signal: AbortSignal): Promise<void> {
    try {
      const ends = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
      await this.docker.call('POST', `/containers/${await this.containers.keyOf(execution)}/wait`, { signal: ends, withinMs: 0 });
    } catch {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  override async keepLog(execution: Execution, signal: AbortSignal): Promise<void> {
    const key = await this.containers.keyOf(execution).catch(() => null);
    // The database is away. What is missing is made up for at the end.
    if (key === null) return;
    const log = this.logOf(execution.folder, key);
    this.logs.set(execution, log);
    void this.scratch.watch(execution, key, signal);
    await log.follow(signal);
  }

  async seal(execution: Execution): Promise<boolean> {
    const { folder } = execution;
    const isSealed = await placeMarker(folder, '').catch((error: NodeJS.ErrnoException) => {
      // Without a folder nobody can make the marker that a start needs.
      if (error.code === 'ENOENT') return true;
      throw error;
    });
    if (isSealed || (await readMarker(folder)) !== 'go') return this.tidySealed(execution);
    if (await this.containers.isElsewhere(execution)) throw new Error(`run ${execution.runId} belongs to another Docker Engine`);
    const container = await this.containers.find(execution);
    if (container && (hasBegun(container) || couldNotStart(container))) return false;
    if (container && (await hasTrace(folder)) && !(await this.lostStarts.undo(execution, container.Id))) return false;
    if (container && !(await this.containers.remove(container.Id))) return false;
    return !(await hasTrace(folder));
  }

  /** Nobody may start it any more. @returns false when it has begun nevertheless: its marker was lost with the power of the machine. */
  private async tidySealed(execution: Execution): Promise<boolean> {
    const container = await this.containers.find(execution).catch((error: unknown) => {
      if (error instanceof DockerRefusal || error instanceof DockerSilence) return null;
      throw error;
    });
    if (container && hasBegun(container)) return false;
    if (container) await this.containers.removeQuietly(container.Id);
    return true;
  }

  async stop(execution: Execution, graceMs: number): Promise<void> {
    if (await this.containers.isElsewhere(execution)) return;
    const container = await this.containers.find(execution);
    if (!container) return;
    const { Id } = container;
    if (!isLive(container)) return this.stopUnseen(execution, container);
    // Without room for the word it is ended all the same; only an answer with a success then looks like a success.
    await markAsked(execution.folder).catch((error: unknown) => this.logger.warn(reasonOf(error)));
    // What is frozen hears nothing.
    if (container.State.Status === 'paused') await this.docker.call('POST', `/containers/${Id}/unpause`).catch(ignoreRefusal);
    const words = { query: { t: Math.ceil(graceMs / 1000) }, withinMs: graceMs + STOP_MARGIN_MS };
    await this.docker.call('POST', `/containers/${Id}/stop`, words).catch((error: unknown) => this.bearIfEnded(execution, error));
  }

  /** Refused, because it is over or for a reason of Docker's own: only the look tells. */
  private async bearIfEnded(execution: Execution, error: unknown): Promise<void> {
    if (!(error instanceof DockerRefusal)) throw error;
    const container = await this.containers.find(execution);
    if (container && isLive(container)) throw error;
  }

  /** Held, ended, or started without Docker knowing it. */
  private async stopUnseen(execution: Execution, container: Inspected): Promise<void> {
    if (hasBegun(container) || couldNotStart(container) || (await this.seal(execution))) return;
    this.lostStarts.end(container.Id);
  }

  async sweep(execution: Execution): Promise<number> {
    const log = this.logs.get(execution) ?? this.logOf(execution.folder, await this.containers.keyOf(execution));
    await log.complete();
    return 0;
  }

  override async forget(execution: Execution): Promise<void> {
    if (await this.containers.isElsewhere(execution)) return;
    const container = await this.containers.find(execution);
    if (container) await this.containers.end(container.Id);
  }

  override async room(): Promise<number> {
    if (!this.isLocal) return Number.POSITIVE_INFINITY;
    const facts = await this.docker.facts().catch(() => null);
    // Where we may not look, or it is away, nothing is known.
    return facts?.rootFolder ? freeSpace(facts.rootFolder).catch(() => Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  }

  override async removeOrphans(isWanted: (runId: number, attempt: number) => Promise<boolean>): Promise<void> {
    for (const { id, runId, attempt } of await this.containers.all()) {
      // A trial that its runner did not live to remove.
      if (runId !== 0 && (await isWanted(runId, attempt))) continue;
      this.logger.warn(`Container ${id.slice(0, 12)} of run ${runId}, attempt ${attempt}, is wanted by nobody; it is removed.`);
      await this.containers.end(id);
    }
  }

  private logOf(folder: string, key: string): ContainerLog {
    return new ContainerLog(this.docker, key, folder, this.config.settings.MAX_LOG);
  }
}

function elsewhere({ handle }: Execution): Observation {
  return { kind: 'elsewhere', evidence: text('docker.otherEngine', { host: dockerHandle(handle)?.host ?? '' }) };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
