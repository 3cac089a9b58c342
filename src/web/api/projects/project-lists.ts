import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { SharedProjects } from '../../projects/shared-projects';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from '../contract/paging';
import { projectJson, type ProjectJson } from './project-json';

/** Of the last project of a part: when it was changed, and its id. */
const position = z.tuple([z.number(), z.string().max(40)]);

/** The projects that somebody works in: their own and those that others share with them, last changed first. */
@Injectable()
export class ProjectLists {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly shared: SharedProjects,
  ) {}

  /** Reads of both no more than one part. @param name part of the names; undefined for all. */
  async of(person: User, { limit, after, name = '' }: PageQuery & { name?: string | undefined }): Promise<Page<ProjectJson>> {
    const [changedMs, id] = decodeCursor(position, after) ?? [];
    const last = changedMs === undefined || id === undefined ? null : { changedMs, id };
    const words = name.trim() === '' ? [] : [name];
    const own = await this.projects.after(person.id, words, last, limit + 1);
    const lines = new Map((await this.shared.after(person, words, last, limit + 1)).map((line) => [line.id, line]));
    const all = [...own, ...(await this.projects.findByIds([...lines.keys()]))].sort(latestFirst);
    const items = all.slice(0, limit);
    const end = items.at(-1);
    return {
      items: items.map((project) => {
        const { ownerName, role } = lines.get(project.id) ?? { ownerName: person.displayName, role: 'owner' as const };
        return projectJson(project, ownerName, role);
      }),
      next: end && all.length > limit ? encodeCursor([end.changedMs, end.id]) : null,
    };
  }
}

function latestFirst(one: Project, other: Project): number {
  return other.changedMs - one.changedMs || (one.id < other.id ? -1 : Number(one.id > other.id));
}
