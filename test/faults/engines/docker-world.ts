import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../../src/common/queue/run.entity';
import { startDockerd, TEST_IMAGE, type Dockerd } from '../../tools/dockerd.mjs';
import { blame, heldRuns, type Stage } from '../stage';
import { EngineWorld, type Trouble } from './engine-world';
import { killMarked } from './marked-processes';

/** Longer than between a program's first words and the moment at which its daemon knows that it runs. */
const KNOWN_AFTER_MS = 1000;

interface Listed {
  Id: string;
  Names: string[];
  State: string;
  Labels: Record<string, string>;
}

/** Programs in containers of a Docker Engine of its own. */
export class DockerWorld extends EngineWorld {
  readonly engine = 'docker';
  override readonly settings: Record<string, string>;
  override readonly places = 3;

  private isOff = false;

  private constructor(
    private readonly docker: Dockerd,
    private readonly liveRestore: boolean,
  ) {
    super();
    this.settings = { DOCKER_HOST: docker.host };
  }

  /** @param liveRestore whether containers outlive their daemon. */
  static async open(liveRestore: boolean): Promise<DockerWorld> {
    return new DockerWorld(await startDockerd({ liveRestore }), liveRestore);
  }

  override block(folder: string): Record<string, unknown> {
    return { docker: { image: TEST_IMAGE, mounts: [{ source: folder, target: folder, readOnly: false }] } };
  }

  troubles(stage: Stage): Trouble[] {
    return [
      { name: 'dockerd killed', weight: 3, act: () => this.killDaemon(stage) },
      { name: 'container killed by hand', weight: 0.7, act: () => this.byHand(stage, 'killed', 'POST', (id) => `${id}/kill`) },
      { name: 'container removed by hand', weight: 0.7, act: () => this.byHand(stage, 'removed', 'DELETE', (id) => `${id}?force=1`) },
    ];
  }

  async switchOff({ mark }: Stage): Promise<void> {
    killMarked(mark);
    await this.docker.cutPower();
    this.isOff = true;
  }

  override async restore(): Promise<void> {
    if (this.isOff) await this.docker.start();
    this.isOff = false;
  }

  async survivors(_stage: Stage, runs: readonly Run[]): Promise<string[]> {
    const unknown = runs.filter(({ state }) => state === 'unknown').map(({ handle }) => handle?.kind === 'docker' && handle.containerId);
    const left = (await this.list()).filter(({ Id, State }) => State === 'running' && !unknown.includes(Id));
    return left.map(({ Names, State }) => `container ${Names.join()} is ${State}`);
  }

  override close(): Promise<void> {
    return this.docker.remove();
  }

  /** In the middle of a start it forgets that it began one; without `live-restore` it ends all containers when it comes back. */
  private async killDaemon(stage: Stage): Promise<boolean> {
    const known = new Set(stage.journal().lines.map(({ key, attempt }) => `${key} ${attempt}`));
    await sleep(KNOWN_AFTER_MS);
    const keys = new Map(stage.accepted.map(({ runId, job }) => [runId, job.key]));
    for (const { id, attempt } of await heldRuns(stage)) {
      if (!this.liveRestore) blame(stage, id, 'its daemon was killed, and does not restore containers');
      else if (!known.has(`${keys.get(id)} ${attempt}`)) blame(stage, id, 'its daemon was killed while it was starting');
    }
    await this.docker.kill();
    await sleep(stage.random.between(0, 1500));
    await this.docker.start();
    return true;
  }

  private async byHand(stage: Stage, deed: string, method: string, path: (id: string) => string): Promise<boolean> {
    const container = stage.random.pick((await this.list()).filter(({ State }) => State === 'running'));
    const run = container && (await heldRuns(stage)).find(({ handle }) => handle?.kind === 'docker' && handle.containerId === container.Id);
    if (!run) return false;
    blame(stage, run.id, `its container was ${deed}`);
    await this.docker.call(method, `/containers/${path(container.Id)}`);
    return true;
  }

  private async list(): Promise<Listed[]> {
    const { body } = await this.docker.call('GET', '/containers/json?all=1');
    return JSON.parse(body) as Listed[];
  }
}
