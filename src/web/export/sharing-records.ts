import { Injectable } from '@nestjs/common';
import { GroupsRepository } from '../../common/groups/groups.repository';
import { Memberships } from '../../common/members/memberships';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import { SharesRepository } from '../../common/shares/shares.repository';
import type { User } from '../../common/users/user.entity';
import type { JsonSpool } from './json-spool';
import { moment, type NamedProject } from './records';

/** Writes down to whom somebody opened their projects, and what others opened to them: no secret, and nothing of the projects of others. */
@Injectable()
export class SharingRecords {
  constructor(
    private readonly shares: SharesRepository,
    private readonly members: ProjectMembersRepository,
    private readonly memberships: Memberships,
    private readonly groups: GroupsRepository,
  ) {}

  async write(spool: JsonSpool, person: User, projects: readonly NamedProject[]): Promise<void> {
    await spool.list('shares.json', this.shareRecords(projects));
    await spool.list('people.json', this.memberRecords(projects));
    const groups = (await this.groups.groupsOf(person.id)).map(({ name, description }) => ({ name, description }));
    const roles = [...(await this.memberships.allOf(person))].map(([project, role]) => ({ project, may: role }));
    await spool.document('memberships.json', { groups, projects: roles });
  }

  private async *shareRecords(projects: readonly NamedProject[]): AsyncGenerator<object[]> {
    for (const { project } of projects) {
      yield (await this.shares.ofProject(project.id)).map(({ projectId, runId, note, createdMs, expiresMs, openedMs }) => ({
        project: projectId,
        run: runId,
        note,
        made: moment(createdMs),
        until: moment(expiresMs),
        lastOpened: moment(openedMs),
      }));
    }
  }

  /** Under the words by which they were let in. */
  private async *memberRecords(projects: readonly NamedProject[]): AsyncGenerator<object[]> {
    for (const { project } of projects) {
      yield (await this.members.ofProject(project.id)).map(({ projectId, label, kind, role, createdMs }) => ({
        project: projectId,
        who: label,
        isGroup: kind === 'group',
        may: role,
        since: moment(createdMs),
      }));
    }
  }
}
