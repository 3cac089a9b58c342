import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Project } from '../projects/project.entity';
import type { EntryPath } from './entry-name';
import { SafeDirectory } from './safe-directory';

type ProjectKey = Pick<Project, 'id' | 'homeId'>;

const RESULTS = Buffer.from('runs');
const STAGING = Buffer.from('.staging');
const TRASH = '.trash';

/**
 * Where the files of projects lie: `FILES_ROOT/<home>/<project>/`, with the results of run 12 in `runs/12/` inside it. Half-sent uploads
 * and what was deleted lie in `FILES_ROOT/<home>/.staging/`, on the same volume and out of reach of every page. A home is the folder of
 * the person for whom the project was made; an account that a guest moved into has that guest's home beside its own.
 */
@Injectable()
export class ProjectFiles {
  constructor(private readonly config: AppConfig) {}

  /** All homes; for the cleaner. */
  all(): SafeDirectory {
    return SafeDirectory.open(this.config.filesRoot);
  }

  /** One home: one folder per project id, and `.staging`. */
  ofHome(homeId: string): SafeDirectory {
    return this.all().inside([Buffer.from(homeId)]);
  }

  /** The folder of a project; it exists from `create` on. */
  of(project: ProjectKey): SafeDirectory {
    return this.ofHome(project.homeId).inside([Buffer.from(project.id)]);
  }

  /** Makes the folder of a new project; harmless if it is there. */
  async create(project: ProjectKey): Promise<SafeDirectory> {
    await SafeDirectory.ensure(this.config.filesRoot);
    const directory = this.of(project);
    await directory.ensureFolder([]);
    return directory;
  }

  /** Where the results of all runs of a project are, inside it. */
  resultsRoot(): EntryPath {
    return [RESULTS];
  }

  /** Where the results of a run are, inside its project. */
  resultsPath(runId: number): EntryPath {
    return [RESULTS, Buffer.from(String(runId))];
  }

  /** Whether a path is the folder of all results or lies in it. */
  isInResults(path: EntryPath): boolean {
    return path[0]?.equals(RESULTS) ?? false;
  }

  /** The staging folder of a home; it may be missing. */
  stagingOf(homeId: string): SafeDirectory {
    return this.ofHome(homeId).inside([STAGING]);
  }

  /** The staging folder of a home, made if it is missing. */
  async staging(homeId: string): Promise<SafeDirectory> {
    await SafeDirectory.ensure(this.config.filesRoot);
    const directory = this.stagingOf(homeId);
    await directory.ensureFolder([]);
    return directory;
  }

  /**
   * A name in the staging folder that nobody else uses; the project is in it, so that an orphan tells where it came from.
   * @param reservationId UUID of the reservation of its space, which then counts instead of what is written so far.
   */
  stagingName(projectId: string, reservationId: string = randomUUID()): Buffer {
    return Buffer.from(`${projectId}.${reservationId}.part`);
  }

  /** Name, in the staging folder, of the folder in which an attempt of a run will put its results, before it gets its place. */
  freshResultsName(projectId: string, runId: number, attempt: number): Buffer {
    return Buffer.from(`${projectId}.run-${runId}-${attempt}.part`);
  }

  /** The reservation whose work a name in the staging folder holds; null for anything else. */
  reservationOf(stagingName: Buffer): string | null {
    return /^[^.]+\.([0-9a-f-]{36})\.part$/.exec(stagingName.toString('latin1'))?.[1] ?? null;
  }

  /** Name, in the staging folder, of what is being deleted for good: from there nobody brings it back in part. */
  goneName(projectId: string, id: string = randomUUID()): Buffer {
    return Buffer.from(`${projectId}.${id}.deleted`);
  }

  /** The project of a `goneName`; null for other names. */
  goneProject(stagingName: Buffer): string | null {
    return /^([0-9a-f-]{36})\.[0-9a-f-]{36}\.deleted$/.exec(stagingName.toString('latin1'))?.[1] ?? null;
  }

  /** Where lies what one deletion took away, in the staging folder; not made here. */
  trash(project: ProjectKey, deletionId: string): SafeDirectory {
    return this.ofHome(project.homeId).inside([STAGING, Buffer.from(`${project.id}.${deletionId}${TRASH}`)]);
  }

  /** The deletion whose entries a name in the staging folder holds; null for anything else. */
  deletionOf(stagingName: Buffer): string | null {
    const [, id, ending] = /^[^.]+\.([0-9a-f-]{36})(\.\w+)$/.exec(stagingName.toString('latin1')) ?? [];
    return id !== undefined && ending === TRASH ? id : null;
  }

  /** Whether a name in a home is the staging folder rather than a project. */
  isStaging(name: Buffer): boolean {
    return name.equals(STAGING);
  }
}
