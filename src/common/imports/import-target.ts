import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../errors';
import { formatEntryPath, parseEntryPath, showEntryName } from '../files/entry-name';
import { FileUses } from '../files/file-uses';
import { ProjectFiles } from '../files/project-files';
import { PutInPlace, type NewEntry } from '../files/put-in-place';
import type { SafeDirectory } from '../files/safe-directory';
import type { Project } from '../projects/project.entity';
import type { User } from '../users/user.entity';
import type { ImportOrder } from './inbox-imports';

/** Where in a project something arrives. */
@Injectable()
export class ImportTarget {
  constructor(
    private readonly files: ProjectFiles,
    private readonly uses: FileUses,
    private readonly places: PutInPlace,
  ) {}

  /** @throws InvalidInputError among the results of runs; NotFoundError for a folder that is gone; ConflictError for what a run needs. */
  async require(project: Project, { names, to, onConflict }: ImportOrder): Promise<void> {
    if (this.files.isInResults(to)) throw new InvalidInputError('browse.noChangesInResults');
    const { kind } = await this.files.of(project).stat(to);
    if (kind !== 'folder') throw new NotFoundError('files.notFound', { name: showEntryName(to.at(-1) ?? Buffer.alloc(0)) });
    const paths = names.map((name) => parseEntryPath(formatEntryPath([...to, name])));
    if (onConflict === 'replace') await this.uses.requireUnused(project, paths);
  }

  /** An empty folder on the disk of the project. @param id of the reservation of its space. */
  async staging(project: Project, id: string): Promise<SafeDirectory> {
    const staging = (await this.files.staging(project.homeId)).inside([this.files.stagingName(project.id, id)]);
    await staging.ensureFolder([]);
    return staging;
  }

  /** @returns how many were left out. */
  async putAll(project: Project, directory: SafeDirectory, { names, to, onConflict }: ImportOrder, by: User): Promise<number> {
    const entries: NewEntry[] = [];
    for (const name of names) {
      if (await directory.exists([name])) entries.push({ from: { directory, path: [name] }, to: [...to, name], onConflict, by });
    }
    const placed = await this.places.putAll(project, entries);
    return placed.filter(({ outcome }) => outcome === 'skipped').length;
  }
}
