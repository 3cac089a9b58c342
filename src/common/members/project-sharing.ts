import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ConflictError, InvalidInputError } from '../errors';
import { groupKey } from '../groups/group-name';
import { GroupsRepository } from '../groups/groups.repository';
import type { Project } from '../projects/project.entity';
import { parseEmail } from '../users/email-address';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { Askers } from './asker';
import type { ProjectMember, ProjectRole } from './project-member.entity';
import { ProjectMembersRepository } from './project-members.repository';

/** Who was let in. `told` is their proved address, for a mail; null where nobody is to be told. */
export interface LetIn {
  label: string;
  told: string | null;
}

export const ROLES: readonly ProjectRole[] = ['read', 'run'];
const MOST_OF_PROJECT = 200;

/**
 * Lets named people and groups into projects. Whether an address has an account is told to nobody: it is written down as it was typed, and
 * counts for the account that has proved it, now or later.
 */
@Injectable()
export class ProjectSharing {
  constructor(
    private readonly rows: ProjectMembersRepository,
    private readonly users: UsersRepository,
    private readonly askers: Askers,
    private readonly groups: GroupsRepository,
  ) {}

  /**
   * One who is in it already gets the other role.
   * @param who an address, or the name of a group that the owner is in.
   * @throws InvalidInputError for the fields `who` and `role`; ConflictError when there are too many.
   */
  async letIn(owner: User, project: Pick<Project, 'id'>, who: string, role: string): Promise<LetIn> {
    const known = ROLES.find((one) => one === role);
    if (!known) throw new InvalidInputError('members.chooseRole', {}, 'role');
    const { told, ...member } = who.includes('@') ? await this.byAddress(owner, who) : await this.byGroup(owner, who);
    const there = await this.rows.ofProject(project.id);
    const same =
      there.find(({ kind, subject }) => kind === member.kind && subject === member.subject) ??
      there.find((row) => isSameLabel(row.label, member.label) && !areTwo(row, member));
    if (same) {
      await this.rows.setRole(project.id, same.id, known);
      return { label: same.label, told: null };
    }
    if (there.length >= MOST_OF_PROJECT) throw new ConflictError('members.tooMany', { most: MOST_OF_PROJECT });
    await this.rows.add({ id: randomUUID(), projectId: project.id, role: known, ...member });
    return { label: member.label, told };
  }

  /** Whether a row still is of whom its words would let in now: addresses and names of groups pass on to others. */
  async isStillCalledSo({ kind, subject, label }: Pick<ProjectMember, 'kind' | 'subject' | 'label'>): Promise<boolean> {
    if (kind === 'address') return true;
    if (kind === 'group') return (await this.groups.findById(subject))?.name === label;
    const person = await this.users.findById(subject);
    return person !== null && (await this.askers.of(person)).address === label;
  }

  private async byAddress(owner: User, who: string): Promise<Found> {
    const address = addressIn(who);
    if (address === owner.email) throw new InvalidInputError('members.yourself', {}, 'who');
    const person = await this.users.findByEmail(address);
    const isTheirs = person !== null && (await this.askers.of(person)).address === address;
    if (!isTheirs) return { kind: 'address', subject: address, label: address, told: null };
    return { kind: 'person', subject: person.id, label: address, told: person.leavingMs === null ? address : null };
  }

  /** Of the groups of others nothing is told, not even whether there are any. */
  private async byGroup(owner: User, who: string): Promise<Found> {
    const name = who.trim();
    if (name === '') throw new InvalidInputError('members.whoMissing', {}, 'who');
    const group = (await this.groups.groupsOf(owner.id)).find(({ nameKey }) => nameKey === groupKey(name));
    if (!group) throw new InvalidInputError('members.noSuchGroup', { name: name.slice(0, 100) }, 'who');
    return { kind: 'group', subject: group.id, label: group.name, told: null };
  }
}

type Found = Pick<ProjectMember, 'kind' | 'subject' | 'label'> & { told: string | null };

/** Somebody else has the address by now. */
function areTwo(one: Pick<ProjectMember, 'kind' | 'subject'>, other: Pick<ProjectMember, 'kind' | 'subject'>): boolean {
  return one.kind === 'person' && other.kind === 'person' && one.subject !== other.subject;
}

function isSameLabel(one: string, other: string): boolean {
  return one.includes('@') && one === other;
}

function addressIn(who: string): string {
  try {
    return parseEmail(who);
  } catch (error) {
    throw error instanceof InvalidInputError ? new InvalidInputError(error.key, error.values, 'who') : error;
  }
}
