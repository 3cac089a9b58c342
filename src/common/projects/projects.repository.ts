import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { Project } from './project.entity';

/** The rows of projects; their files are in `common/files`. */
@Injectable()
export class ProjectsRepository {
  constructor(@InjectRepository(Project) private readonly projects: Repository<Project>) {}

  findById(id: string): Promise<Project | null> {
    return this.projects.findOneBy({ id });
  }

  findByIds(ids: readonly string[]): Promise<Project[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.projects.findBy({ id: In([...ids]) });
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

  countByOwner(ownerId: string): Promise<number> {
    return this.projects.countBy({ ownerId });
  }

  /** @returns false when the owner has a project of that name: the unique index decides, not an earlier look. */
  async add(project: Project): Promise<boolean> {
    await this.projects.createQueryBuilder().insert().values(project).orIgnore().execute();
    return this.projects.existsBy({ id: project.id });
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

  async delete(id: string): Promise<void> {
    await this.projects.delete({ id });
  }
}
