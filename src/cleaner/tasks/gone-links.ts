import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import type { EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { InboxLinksRepository } from '../../common/inbox/inbox-links.repository';
import { LINK_BYTES, readLinkId } from '../../common/inbox/link-file';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';

/** Rows of links that are gone from their project and from its trash: what they lead to in the inbox need not be kept any more. */
@Injectable()
export class GoneLinks extends Chore {
  readonly name = 'links that are gone';

  constructor(
    private readonly links: InboxLinksRepository,
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    for (const projectId of await this.links.projects()) {
      const gone = await this.goneOf(projectId, nowMs - DAY_MS);
      yield* rowsWaste(`links of project ${projectId}`, gone.length, () => this.links.delete(gone));
    }
  }

  private async goneOf(projectId: string, beforeMs: number): Promise<string[]> {
    const ids = new Set((await this.links.ofProject(projectId, beforeMs)).map(({ id }) => id));
    const project = ids.size > 0 ? await this.projects.findById(projectId) : null;
    if (!project) return [...ids];
    const [files, staging] = [this.files.of(project), this.files.stagingOf(project.homeId)];
    // Where not even the folder of the project is, the disk is missing, not the links.
    if (!(await files.exists([]))) return [];
    // Twice: what is brought back from the trash meanwhile would be missed in both.
    for (const directory of [files, staging, files]) {
      if (ids.size === 0) return [];
      for (const path of await candidates(directory)) {
        const id = await readLinkId(directory, path);
        if (id !== null) ids.delete(id);
      }
    }
    return [...ids];
  }
}

/** Files that are as large as a link. */
async function candidates(directory: SafeDirectory): Promise<EntryPath[]> {
  const found: EntryPath[] = [];
  try {
    await directory.eachFile([], ({ path, size }) => {
      if (size === LINK_BYTES) found.push(path);
      return true;
    });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  return found;
}
