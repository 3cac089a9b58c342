import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Brackets, In, type Repository, type SelectQueryBuilder } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { insertUnlessTaken } from '../database/taken';
import type { Asker } from './asker';
import { ProjectMember, type ProjectRole } from './project-member.entity';

const USELESS = `NOT EXISTS (SELECT 1 FROM projects p WHERE p.id = project_members.project_id)
  OR (kind = 'person' AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = project_members.subject))
  OR (kind = 'group' AND NOT EXISTS (SELECT 1 FROM \`groups\` g WHERE g.id = project_members.subject))`;

/** Whoever asked for the end of their account closes their projects to others. */
const OWNER_STAYS = `NOT EXISTS (
  SELECT 1 FROM projects p JOIN users u ON u.id = p.owner_id WHERE p.id = member.projectId AND u.leaving_ms IS NOT NULL)`;

/** The rows of whom projects are shared with. */
@Injectable()
export class ProjectMembersRepository {
  private readonly now: string;
  private readonly ignore: string;

  constructor(@InjectRepository(ProjectMember) private readonly members: Repository<ProjectMember>) {
    const dialect = dialectOf(members.manager.connection.options);
    this.now = NOW_MS[dialect];
    this.ignore = dialect === 'sqlite' ? 'OR IGNORE' : 'IGNORE';
  }

  /** Longest in it first. */
  ofProject(projectId: string): Promise<ProjectMember[]> {
    return this.members.find({ where: { projectId }, order: { createdMs: 'ASC', id: 'ASC' } });
  }

  find(projectId: string, id: string): Promise<ProjectMember | null> {
    return this.members.findOneBy({ projectId, id });
  }

  /** Rows by which somebody comes into these projects: by themself, by an address, or by a group. */
  rowsAmong(asker: Asker, projectIds: readonly string[]): Promise<ProjectMember[]> {
    if (projectIds.length === 0) return Promise.resolve([]);
    return this.meant(asker)
      .andWhere({ projectId: In([...projectIds]) })
      .getMany();
  }

  /** Rows by which somebody comes into whatever projects. */
  rowsOf(asker: Asker): Promise<ProjectMember[]> {
    return this.meant(asker).getMany();
  }

  /** @returns false when the subject is in the project already. */
  add(member: Omit<ProjectMember, 'createdMs'>): Promise<boolean> {
    return insertUnlessTaken(this.members, { ...member, createdMs: () => this.now });
  }

  /** @returns whether there was such a row. */
  async setRole(projectId: string, id: string, role: ProjectRole): Promise<boolean> {
    await repeatWhileBusy(() => this.members.update({ projectId, id }, { role }));
    return (await this.find(projectId, id)) !== null;
  }

  /** @returns whether there was such a row. */
  async remove(projectId: string, id: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.members.delete({ projectId, id }));
    return (affected ?? 0) > 0;
  }

  /**
   * The address turned out to be this person's: from now on its rows are theirs, whatever address they have. Where they are in a project
   * by themself already, the one row gets the most that either gives.
   */
  async claimAll({ id, address }: Asker): Promise<void> {
    if (address === null || !(await this.members.existsBy({ kind: 'address', subject: address }))) return;
    const ofAddress = `SELECT a.project_id FROM project_members a WHERE a.kind = 'address' AND a.subject = ?`;
    // MariaDB reads no table that it is changing, unless it is copied first.
    const statements: [string, string[]][] = [
      [
        `UPDATE project_members SET role = 'run' WHERE kind = 'person' AND subject = ?
         AND project_id IN (SELECT project_id FROM (${ofAddress} AND a.role = 'run') copied)`,
        [id, address],
      ],
      [`UPDATE ${this.ignore} project_members SET kind = 'person', subject = ? WHERE kind = 'address' AND subject = ?`, [id, address]],
      [
        `DELETE FROM project_members WHERE kind = 'address' AND subject = ? AND project_id IN (SELECT project_id FROM (
           SELECT p.project_id FROM project_members p WHERE p.kind = 'person' AND p.subject = ?) copied)`,
        [address, id],
      ],
    ];
    for (const [statement, values] of statements) await repeatWhileBusy(() => this.members.query(statement, values));
  }

  /** Takes somebody out of a project, as far as they themselves are named. @returns whether they were. */
  async leave(projectId: string, { id, address }: Asker): Promise<boolean> {
    const own = await repeatWhileBusy(() => this.members.delete({ projectId, kind: 'person', subject: id }));
    const named =
      address === null ? null : await repeatWhileBusy(() => this.members.delete({ projectId, kind: 'address', subject: address }));
    return (own.affected ?? 0) + (named?.affected ?? 0) > 0;
  }

  async deleteOfProject(projectId: string): Promise<void> {
    await repeatWhileBusy(() => this.members.delete({ projectId }));
  }

  /** Rows of projects, people and groups that are gone. */
  async countUseless(): Promise<number> {
    const [row] = await this.members.query<{ count: number | string }[]>(`SELECT COUNT(*) AS count FROM project_members WHERE ${USELESS}`);
    return Number(row?.count ?? 0);
  }

  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.members.query(`DELETE FROM project_members WHERE ${USELESS}`));
  }

  private meant({ id, groupIds, address }: Asker): SelectQueryBuilder<ProjectMember> {
    return this.members
      .createQueryBuilder('member')
      .where(
        new Brackets((any) => {
          any.where({ kind: 'person', subject: id });
          if (address !== null) any.orWhere({ kind: 'address', subject: address });
          if (groupIds.size > 0) any.orWhere({ kind: 'group', subject: In([...groupIds]) });
        }),
      )
      .andWhere(OWNER_STAYS);
  }
}
