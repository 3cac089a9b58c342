import { Injectable } from '@nestjs/common';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Chore, NOTHING, type Amount, type Waste } from '../../common/cleaning/chore';
import { entriesOf } from '../../common/cleaning/folder-waste';

/** A deletion that still goes on needs less between its first step and its second. */
const UNDER_WAY_MS = 10 * 60_000;

/**
 * Projects whose deletion was broken off after their files had been set aside, and before their row went: people would see a project that
 * cannot be opened. A project of which only parts are being deleted for good has its folder still.
 */
@Injectable()
export class BrokenDeletions extends Chore {
  readonly name = 'broken deletions';

  constructor(
    private readonly files: ProjectFiles,
    private readonly projects: ProjectsRepository,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const all = this.files.all();
    for (const home of await entriesOf(all)) {
      const entries = home.kind === 'folder' ? await entriesOf(all, [home.name]) : [];
      const staging = entries.find(({ name, kind }) => this.files.isStaging(name) && kind === 'folder');
      if (!staging) continue;
      const present = new Set(entries.map(({ name }) => name.toString('latin1')));
      const setAside = (await entriesOf(all, [home.name, staging.name])).filter(({ touchedMs }) => touchedMs < nowMs - UNDER_WAY_MS);
      const ids = new Set(setAside.map(({ name }) => this.files.goneProject(name)).filter((id) => id !== null));
      for (const project of await this.projects.findByIds([...ids].filter((id) => !present.has(id)))) {
        if (project.homeId !== home.name.toString()) continue;
        const what = `the rest of a project that was deleted (${project.name})`;
        yield { what, measure: async () => NOTHING, remove: () => this.remove(project) };
      }
    }
  }

  private async remove({ id }: Project): Promise<Amount> {
    await this.projects.delete(id);
    return NOTHING;
  }
}
