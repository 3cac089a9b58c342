import { Logger } from '@nestjs/common';
import type { DockerHandle, RunHandle } from '../../../common/queue/run-handle';
import type { Execution } from '../executor';
import { ContainerNames } from './container-names';
import type { Inspected } from './container-state';
import { DockerRefusal, ignoreRefusal, type DockerEngine } from './docker-engine';

/** The docker handle of an execution; null when it has none. */
export function dockerHandle(handle: RunHandle | null): DockerHandle | null {
  return handle?.kind === 'docker' ? handle : null;
}

/** Finds the containers of this installation in the engine, and removes them. */
export class Containers {
  private readonly logger = new Logger('Runner');
  private known: Promise<ContainerNames> | null = null;

  constructor(
    private readonly engine: DockerEngine,
    private readonly installationId: () => Promise<string>,
  ) {}

  names(): Promise<ContainerNames> {
    if (this.known) return this.known;
    const names = this.installationId().then((id) => new ContainerNames(id));
    this.known = names;
    names.catch(() => (this.known = null));
    return names;
  }

  /** Id where it is known, else the name. */
  async keyOf(execution: Execution): Promise<string> {
    return dockerHandle(execution.handle)?.containerId ?? (await this.names()).nameOf(execution);
  }

  async isElsewhere({ handle }: Execution): Promise<boolean> {
    const known = dockerHandle(handle);
    return known !== null && known.daemon !== (await this.engine.facts()).identity;
  }

  /** The container of the attempt; null when there is none, or when that of its name is somebody else's. */
  async find(execution: Execution): Promise<Inspected | null> {
    try {
      const container = await this.engine.call<Inspected>('GET', `/containers/${await this.keyOf(execution)}/json`);
      return (await this.names()).isOf(execution, container.Config.Labels) ? container : null;
    } catch (error) {
      if (error instanceof DockerRefusal && error.status === 404) return null;
      throw error;
    }
  }

  /** Every container of this installation, with the attempt that it belongs to. */
  async all(): Promise<{ id: string; runId: number; attempt: number }[]> {
    const names = await this.names();
    const query = { all: 1, filters: names.filter };
    const all = await this.engine.call<{ Id: string; Labels: Record<string, string> }[]>('GET', '/containers/json', { query });
    return all.map(({ Id, Labels }) => ({ id: Id, ...names.attemptOf(Labels) }));
  }

  /** Removes one that does not run. @returns false for one that runs. */
  async remove(key: string): Promise<boolean> {
    try {
      await this.engine.call('DELETE', `/containers/${key}`, { query: { v: 1 } });
      return true;
    } catch (error) {
      if (error instanceof DockerRefusal && error.status === 404) return true;
      if (error instanceof DockerRefusal && error.status === 409) return false;
      throw error;
    }
  }

  /** What stays because the engine is silent is found by the search for orphans. */
  async removeQuietly(key: string): Promise<void> {
    await this.remove(key).catch((error: unknown) => this.logger.warn(`Container ${key} stays for now: ${String(error)}`));
  }

  /** Removes one whatever it does. */
  async end(key: string): Promise<void> {
    await this.engine.call('DELETE', `/containers/${key}`, { query: { v: 1, force: 1 } }).catch(ignoreRefusal);
  }
}
