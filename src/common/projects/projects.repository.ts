import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, type Repository } from 'typeorm';
import { dialectOf } from '../database/dialect';
import { inParts } from '../database/in-parts';
import { OwnerTransactions } from '../database/owner-transactions';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { likeWords } from '../database/search-words';
import { Project } from './project.entity';

/** The rows of projects; their files are in `common/files`. */
@Injectable()
export class ProjectsRepository {
  private readonly insert: string;

  constructor(
    @InjectRepository(Project) private readonly projects: Repository<Project>,
    private readonly transactions: OwnerTransactions,
  ) {
    const ignore = dialectOf(projects.manager.connection.options) === 'sqlite' ? 'OR IGNORE' : 'IGNORE';
    this.insert = `
      INSERT ${ignore} INTO projects (id, owner_id, home_id, name, created_ms, changed_ms)
      SELECT :id, :ownerId, :homeId, :name, :createdMs, :changedMs FROM space_usage
      WHERE space_usage.owner_id = :ownerId
        AND (:most IS NULL OR (SELECT COUNT(*) FROM projects p WHERE p.owner_id = :ownerId) < :most)`;
  }

  findById(id: string): Promise<Project | null> {
    return this.projects.findOneBy({ id });
  }

  findByIds(ids: readonly string[]): Promise<Project[]> {
    return inParts(ids, (part) => this.projects.findBy({ id: In(part) }));
  }

  /** Last changed first. */
  findByOwner(ownerId: string): Promise<Project[]> {
    return this.projects.find({ where: { ownerId }, order: { changedMs: 'DESC', id: 'ASC' } });
  }

  /** Last changed first. @param from how many to pass over. */
  async pageByOwner(ownerId: string, from: number, most: number): Promise<{ projects: Project[]; total: number }> {
    const order = { changedMs: 'DESC', id: 'ASC' } as const;
    const [projects, total] = await this.projects.findAndCount({ where: { ownerId }, order, skip: from, take: most });
    return { projects, total };
  }

  /** Last changed first. @param words each has to be in the name. @param last of those before; null: from the beginning. */
  after(ownerId: string, words: readonly string[], last: { changedMs: number; id: string } | null, most: number): Promise<Project[]> {
    const query = this.projects.createQueryBuilder('project').where({ ownerId });
    for (const [index, word] of words.entries())
      query.andWhere(`LOWER(project.name) LIKE :word${index} ESCAPE '!'`, { [`word${index}`]: likeWords(word) });
    if (last) query.andWhere('(project.changedMs < :changedMs OR (project.changedMs = :changedMs AND project.id > :id))', last);
    return query.orderBy('project.changedMs', 'DESC').addOrderBy('project.id').take(most).getMany();
  }

  countByOwner(ownerId: string): Promise<number> {
    return this.projects.countBy({ ownerId });
  }

  /**
   * @param most projects that the owner may have; null: no limit.
   * @returns `taken` when the owner has a project of that name: the unique index decides, not an earlier look; `full` at the limit.
   */
  async add(project: Project, most: number | null = null): Promise<'added' | 'taken' | 'full'> {
    const { ownerId, ...values } = project;
    const [added = 0] = await this.transactions.run(ownerId, [this.insert], { ...values, most });
    if (added > 0) return 'added';
    return (await this.projects.existsBy({ ownerId, name: project.name })) ? 'taken' : 'full';
  }

  /** @returns false when the owner has another project of that name. */
  async rename(id: string, name: string): Promise<boolean> {
    try {
      await this.projects.update({ id }, { name });
      return true;
    } catch (error) {
      const taken = await this.isNameTaken(id, name);
      if (taken) return false;
      throw error;
    }
  }

  private async isNameTaken(id: string, name: string): Promise<boolean> {
    const project = await this.projects.findOneBy({ id });
    return project !== null && project.name !== name && (await this.projects.existsBy({ ownerId: project.ownerId, name }));
  }

  async touch(id: string, changedMs: number): Promise<void> {
    await this.projects.update({ id }, { changedMs });
  }

  /** Keeps all runs of a project from the cleaner until a time; null: no longer than others. @returns false when there is none. */
  async keepUntil(id: string, untilMs: number | null): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.projects.update({ id }, { keepUntilMs: untilMs }));
    return (affected ?? 0) > 0;
  }

  /** Those that are kept longer than others, until the latest time first. @param nowMs by the database's clock. */
  keptLonger(nowMs: number, limit: number): Promise<Project[]> {
    return this.projects.find({ where: { keepUntilMs: MoreThan(nowMs) }, order: { keepUntilMs: 'DESC', id: 'ASC' }, take: limit });
  }

  /** With whom it was shared. */
  async delete(id: string): Promise<void> {
    await this.projects.delete({ id });
    await this.projects.query('DELETE FROM project_members WHERE project_id = ?', [id]);
  }
}
