import { Injectable } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { UnavailableError } from '../common/errors';
import { freeSpace } from '../common/files/free-space';
import { outboxFolderName, unpublishedName, type CopyStage } from '../common/files/outbox-files';
import { ProjectFiles } from '../common/files/project-files';
import { SafeDirectory } from '../common/files/safe-directory';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { isFinal } from '../common/queue/run-state';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';

/** A run under one fence, of which there is one copy at most. */
type CopyKey = Pick<Run, 'id' | 'fence'>;

const MOST_ENTRIES = 200_000;
const UNPUBLISHED = /^\.([1-9]\d{0,15})\.(\d{1,15})\.(part|ready)$/;

/**
 * Leaves the results of a run in the outbox for pick-up. Copies and not links: a file with two names could be changed from outside
 * behind the project's back, and Showrunner opens none that has.
 *
 * A copy is made under a hidden name before the end of its run is written down, and gets its place after that, by whoever wrote it down or,
 * where that runner died in between, by the next `sweep` of any. A runner that lost its run meanwhile leaves nothing.
 */
@Injectable()
export class OutboxCopy {
  constructor(
    private readonly config: AppConfig,
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly runs: RunsRepository,
  ) {}

  /** Copies; does nothing where no outbox is configured. What failed leaves nothing that could be published. */
  async make(run: Run): Promise<void> {
    const root = this.config.settings.OUTBOX_DIR;
    const project = root === undefined ? null : await this.projects.findById(run.projectId);
    if (root === undefined || !project) return;
    const results = this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
    await this.requireSpace(root, (await results.measure([])).bytes);
    const outbox = await SafeDirectory.ensure(root);
    await this.discard(run);
    await this.projectFiles.of(project).copy(this.projectFiles.resultsPath(run.id), nameOf(run, 'part'), outbox);
    await outbox.move(nameOf(run, 'part'), nameOf(run, 'ready'));
  }

  /**
   * Gives the copy its place, once the queue holds the end of the run under this fence. Any number of processes may ask for it, however
   * late: the first takes the hidden name away, without which the others touch nothing.
   */
  async publish(key: CopyKey): Promise<void> {
    const outbox = this.outbox();
    if (!outbox || !(await outbox.exists(nameOf(key, 'ready')))) return;
    const place = [Buffer.from(outboxFolderName(key.id))];
    await outbox.replaceFolder(nameOf(key, 'ready'), place, outbox, () => outbox.exists(nameOf(key, 'ready')));
  }

  /** Removes a copy that was not published. */
  async discard(key: CopyKey): Promise<void> {
    const outbox = this.outbox();
    await outbox?.remove(nameOf(key, 'part'));
    await outbox?.remove(nameOf(key, 'ready'));
  }

  /** Publishes what a runner that died had still to publish, and removes what nobody ever will. What is being made stays. */
  async sweep(): Promise<void> {
    const outbox = this.outbox();
    if (!outbox || !(await outbox.exists([]))) return;
    for (const { name } of (await outbox.list([], { limit: MOST_ENTRIES })).entries) {
      const [, id, fence, stage] = UNPUBLISHED.exec(name.toString('latin1')) ?? [];
      if (stage !== undefined) await this.tidy({ id: Number(id), fence: Number(fence) }, stage);
    }
  }

  private async tidy(key: CopyKey, stage: string): Promise<void> {
    const run = await this.runs.find(key.id);
    if (run?.fence !== key.fence) return this.discard(key);
    if (!isFinal(run.state)) return;
    if (stage === 'ready' && (run.state === 'succeeded' || run.state === 'partial')) return this.publish(key);
    await this.discard(key);
  }

  private outbox(): SafeDirectory | null {
    const root = this.config.settings.OUTBOX_DIR;
    return root === undefined ? null : SafeDirectory.open(root);
  }

  private async requireSpace(root: string, bytes: number): Promise<void> {
    if ((await freeSpace(root)) - bytes < this.config.settings.FREE_SPACE_RESERVE) throw new UnavailableError('files.diskFull');
  }
}

function nameOf({ id, fence }: CopyKey, stage: CopyStage): Buffer[] {
  return [Buffer.from(unpublishedName({ id, fence }, stage))];
}
