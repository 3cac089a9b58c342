import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { groupKey } from './group-name';
import { GroupsRepository } from './groups.repository';
import { isSameDirectoryGroup } from './same-directory-group';

/** Groups here that follow groups of the institute. */
@Injectable()
export class DirectoryGroups {
  private readonly logger = new Logger(DirectoryGroups.name);

  constructor(
    private readonly groups: GroupsRepository,
    private readonly config: AppConfig,
  ) {}

  /**
   * Makes the groups of INSTITUTE_GROUPS that are not there yet, and gives those that are named no longer back to the pages. A group that was
   * made here keeps its people, and follows nothing: whoever may do what because of it was decided by a person.
   */
  async prepare(): Promise<void> {
    const wanted = new Map(this.config.settings.INSTITUTE_GROUPS.map(({ here }) => [groupKey(here), here]));
    for (const { id, nameKey, name } of await this.groups.ofSource('institute')) {
      if (wanted.has(nameKey)) continue;
      await this.groups.setSource(id, 'local');
      this.logger.log(`The group ${JSON.stringify(name)} follows none of the institute any more`);
    }
    for (const name of wanted.values()) {
      await this.groups.add({ id: randomUUID(), name, description: '', source: 'institute' });
      if ((await this.groups.findByName(name))?.source !== 'institute')
        this.logger.error(
          `INSTITUTE_GROUPS: there is a group ${JSON.stringify(name)} that was made here; rename or delete it, and start again`,
        );
    }
  }

  /** Takes somebody into the groups that follow theirs, and out of the others that follow any. @param theirs as the institute names them. */
  async follow(userId: string, theirs: readonly string[]): Promise<void> {
    if (this.config.settings.INSTITUTE_GROUPS.length === 0) return;
    const meant = new Set(
      this.config.settings.INSTITUTE_GROUPS.filter(({ there }) => theirs.some((one) => isSameDirectoryGroup(there, one))).map(({ here }) =>
        groupKey(here),
      ),
    );
    const inside = new Set(await this.groups.groupIdsOf(userId));
    for (const { id, nameKey } of await this.groups.ofSource('institute')) {
      if (meant.has(nameKey) && !inside.has(id)) await this.groups.addMember(id, userId);
      if (!meant.has(nameKey) && inside.has(id)) await this.groups.removeMember(id, userId);
    }
  }

  /** Those that any setting names: the others are nobody's business here. */
  relevant(theirs: readonly string[]): string[] {
    const { INSTITUTE_GROUPS, INSTITUTE_ADMIN_GROUPS, INSTITUTE_ONLY_GROUPS } = this.config.settings;
    const named = [...INSTITUTE_GROUPS.map(({ there }) => there), ...INSTITUTE_ADMIN_GROUPS, ...INSTITUTE_ONLY_GROUPS];
    return theirs.filter((one) => named.some((name) => isSameDirectoryGroup(name, one)));
  }

  makeAdministrator(theirs: readonly string[]): boolean {
    return isAmong(this.config.settings.INSTITUTE_ADMIN_GROUPS, theirs);
  }

  /** Whether a log-in of somebody in these groups is taken at all. */
  letIn(theirs: readonly string[]): boolean {
    const { INSTITUTE_ONLY_GROUPS } = this.config.settings;
    return INSTITUTE_ONLY_GROUPS.length === 0 || isAmong(INSTITUTE_ONLY_GROUPS, theirs);
  }
}

function isAmong(names: readonly string[], theirs: readonly string[]): boolean {
  return names.some((name) => theirs.some((one) => isSameDirectoryGroup(name, one)));
}
