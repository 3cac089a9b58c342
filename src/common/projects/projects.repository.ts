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

  async add(project: Project): Promise<void> {
    await this.projects.insert(project);
  }

  async rename(id: string, name: string): Promise<void> {
    await this.projects.update({ id }, { name });
  }

  async touch(id: string, changedMs: number): Promise<void> {
    await this.projects.update({ id }, { changedMs });
  }

  async delete(id: string): Promise<void> {
    await this.projects.delete({ id });
  }
}
