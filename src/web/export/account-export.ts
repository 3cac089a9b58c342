import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ProjectFiles } from '../../common/files/project-files';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { User } from '../../common/users/user.entity';
import { storable } from '../archives/download/storable';
import { ZipDownloads, type PreparedZip } from '../archives/download/zip-downloads';
import { AccountRecords, DOCUMENTS } from './account-records';
import type { NamedProject } from './records';
import { JsonSpool } from './json-spool';

/** Everything that a person has here, as one archive: files and results of all projects, and what is known of them as JSON. */
@Injectable()
export class AccountExport {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly files: ProjectFiles,
    private readonly downloads: ZipDownloads,
    private readonly records: AccountRecords,
  ) {}

  /** @throws TooManyRequestsError when the person has enough downloads under way. */
  with(person: User, signal: AbortSignal, work: (zip: PreparedZip) => Promise<void>): Promise<void> {
    return this.downloads.counted(person.id, () => this.prepare(person, signal, work));
  }

  private async prepare(person: User, signal: AbortSignal, work: (zip: PreparedZip) => Promise<void>): Promise<void> {
    const projects = named(await this.projects.findByOwner(person.id));
    const staging = await this.files.staging(person.id);
    const name = [Buffer.from(`${person.id}.${randomUUID()}.list`)];
    const output = await staging.createFile(name);
    const spooled = await staging.openFile(name).finally(() => staging.remove(name));
    try {
      const companion = new JsonSpool(output, spooled.handle);
      await this.records.write(companion, person, projects);
      const trees = projects.map(({ project, folder }) => ({ project, top: Buffer.from(folder) }));
      await this.downloads.withMany(person.id, { trees, companion }, signal, work);
    } finally {
      await output.close();
      await spooled.handle.close();
    }
  }
}

/** Each with a folder name of its own, whatever computer it is unpacked on. */
function named(projects: readonly NamedProject['project'][]): NamedProject[] {
  const taken = new Set<string>(DOCUMENTS);
  return projects.map((project) => {
    const plain = storable(project.name) || project.id;
    let folder = plain;
    for (let n = 2; taken.has(folder.toLowerCase()); n += 1) folder = `${plain} (${n})`;
    taken.add(folder.toLowerCase());
    return { project, folder };
  });
}
