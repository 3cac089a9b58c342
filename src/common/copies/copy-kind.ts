import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { NotFoundError } from '../errors';
import { parseEntryPath } from '../files/entry-name';
import { ProjectFiles } from '../files/project-files';
import { PutInPlace } from '../files/put-in-place';
import type { SafeDirectory } from '../files/safe-directory';
import { FileTaskKinds, type FileTaskKind, type TaskMeans, type TaskOutcome } from '../file-tasks/file-task-kind';
import type { FileTask } from '../file-tasks/file-task.entity';
import { ProjectsRepository } from '../projects/projects.repository';
import type { CopyBrief } from './copy-brief';

const MOST_ENTRIES = 10_000;
/** A copy replaces nothing, so nobody has to be named for it. */
const NOBODY = { displayName: '' };

/** Copies that take long, as work on files outside of requests. */
@Injectable()
export class CopyKind implements FileTaskKind, OnModuleInit {
  readonly kind = 'copy';
  readonly program = join(__dirname, 'copy-program');

  constructor(
    private readonly kinds: FileTaskKinds,
    private readonly files: ProjectFiles,
    private readonly places: PutInPlace,
    private readonly projects: ProjectsRepository,
  ) {}

  onModuleInit(): void {
    this.kinds.register(this);
  }

  async open({ brief, projectId, homeId }: FileTask): Promise<TaskMeans> {
    const folder = parseEntryPath((brief as CopyBrief).folder);
    const handle = await this.files.of({ id: projectId, homeId }).openFolder(folder);
    return { handles: [handle], brief };
  }

  async place({ brief, projectId }: FileTask, staging: SafeDirectory, result: unknown): Promise<TaskOutcome> {
    const project = await this.projects.findById(projectId);
    if (!project) throw new NotFoundError('errors.noSuchProject');
    const { to, onConflict } = brief as CopyBrief;
    const { entries } = await staging.list([], { limit: MOST_ENTRIES });
    const target = parseEntryPath(to);
    await this.places.putAll(
      project,
      entries.map(({ name }) => ({ from: { directory: staging, path: [name] }, to: [...target, name], onConflict, by: NOBODY })),
    );
    const leftOut = (result as { leftOut?: number } | undefined)?.leftOut ?? 0;
    const key = leftOut > 0 ? 'browse.copiedWithout' : 'browse.copied';
    return { note: [{ key, values: { leftOut } }], resultPath: to };
  }
}
