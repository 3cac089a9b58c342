import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import type { User } from '../../../common/users/user.entity';
import { SharedProjects } from '../../projects/shared-projects';
import { decodeCursor, encodeCursor, type Page, type PageQuery } from '../contract/paging';
import { projectJson, type ProjectJson } from './project-json';

/** Of the last project of a part: when it was changed, and its id. */
const position = z.tuple([z.string().max(40), z.string().max(40)]);

/** The projects that somebody works in: their own and those that others share with them, last changed first. */
@Injectable()
export class ProjectLists {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly shared: SharedProjects,
  ) {}

  /** @param name part of the names; undefined for all. */
  async of(person: User, { limit, after, name = '' }: PageQuery & { name?: string | undefined }): Promise<Page<ProjectJson>> {
    const last = decodeCursor(position, after);
    const own = (await this.projects.findByOwner(person.id)).map((project) => projectJson(project, person.displayName, 'owner'));
    const ofOthers = await this.ofOthers(person);
    const wanted = plain(name);
    const all = [...own, ...ofOthers].filter((one) => plain(one.name).includes(wanted)).sort(latestFirst);
    const rest = last ? all.filter((one) => latestFirst({ changedAt: last[0], id: last[1] }, one) < 0) : all;
    const items = rest.slice(0, limit);
    const end = items.at(-1);
    return { items, next: end && rest.length > limit ? encodeCursor([end.changedAt, end.id]) : null };
  }

  private async ofOthers(person: User): Promise<ProjectJson[]> {
    const lines = new Map((await this.shared.of(person)).map((line) => [line.id, line]));
    const projects = await this.projects.findByIds([...lines.keys()]);
    return projects.flatMap((project) => {
      const line = lines.get(project.id);
      return line ? [projectJson(project, line.ownerName, line.role)] : [];
    });
  }
}

type Placed = Pick<ProjectJson, 'changedAt' | 'id'>;

function latestFirst(one: Placed, other: Placed): number {
  if (one.changedAt !== other.changedAt) return one.changedAt < other.changedAt ? 1 : -1;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

function plain(words: string): string {
  return words.normalize('NFKC').toLowerCase();
}
