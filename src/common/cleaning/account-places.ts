import { Injectable } from '@nestjs/common';
import { InboxFiles } from '../files/inbox-files';
import { ProjectFiles } from '../files/project-files';
import { HomesRepository } from '../users/homes.repository';
import type { User } from '../users/user.entity';
import { sum, type Amount } from './chore';
import { sizeOf } from './folder-waste';
import { LeavingRepository } from './leaving.repository';

/** Where the files of an account lie, but for those of its runs. */
@Injectable()
export class AccountPlaces {
  constructor(
    private readonly leaving: LeavingRepository,
    private readonly files: ProjectFiles,
    private readonly inbox: InboxFiles,
    private readonly homes: HomesRepository,
  ) {}

  async measure(person: User): Promise<Amount> {
    return sum(await Promise.all((await this.of(person)).map(({ directory, path }) => sizeOf(directory, path))));
  }

  async remove(person: User): Promise<Amount> {
    const freed: Amount[] = [];
    for (const { directory, path } of await this.of(person)) freed.push(await directory.remove(path));
    return sum(freed);
  }

  private async of(person: User) {
    const projects = (await this.leaving.projectsOf(person.id)).map((project) => ({ directory: this.files.of(project), path: [] }));
    const [inbox, own] = [this.inbox.directory(), this.inbox.ownPath(person)];
    // Those of guests who moved in are the account's as well.
    const homes = (await this.homes.homesOf(person.id)).map((id) => ({ directory: this.files.all(), path: [Buffer.from(id)] }));
    return [...projects, ...homes, ...(inbox && own ? [{ directory: inbox, path: own }] : [])];
  }
}
