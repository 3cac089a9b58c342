import { Injectable } from '@nestjs/common';
import { Memberships } from '../../common/members/memberships';
import { SharedProjectsRepository, type ListPosition, type SharedProject } from '../../common/members/shared-projects.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { pagesOf, type Pages } from './pages';
import type { ProjectListQuery } from './project-list-query';

/** Some of them, and how many there are. */
export interface SharedFew {
  projects: SharedProject[];
  total: number;
}

/** What `views/projects/shared.hbs` shows. */
export interface SharedList {
  title: string;
  projects: SharedProject[];
  /** Of those that were asked for. */
  total: number;
  /** Of all. */
  all: number;
  filter: ProjectListQuery & { isSet: boolean };
  pages: Pages;
}

const PER_PAGE = 60;

/** The projects of others that are shared with somebody by name. */
@Injectable()
export class SharedProjects {
  constructor(
    private readonly memberships: Memberships,
    private readonly rows: SharedProjectsRepository,
  ) {}

  /** Last changed first. */
  async latest(person: User, most: number): Promise<SharedFew> {
    const asker = await this.memberships.claimed(person);
    if (!asker) return { projects: [], total: 0 };
    const total = await this.rows.count(asker);
    return { projects: total === 0 ? [] : await this.rows.page(asker, { words: [], order: 'changed' }, 0, most), total };
  }

  /** Last changed first. @param words each has to be in the name of the project or of its owner. @param last of those before. */
  async after(person: User, words: readonly string[], last: ListPosition | null, most: number): Promise<SharedProject[]> {
    const asker = await this.memberships.claimed(person);
    return asker ? this.rows.after(asker, words, last, most) : [];
  }

  /** @param query a page out of range counts as the nearest. */
  async page(person: User, query: ProjectListQuery): Promise<SharedList> {
    const asker = await this.memberships.claimed(person);
    const words = query.words.split(/\s+/).filter((word) => word !== '');
    const all = asker ? await this.rows.count(asker) : 0;
    const total = asker && words.length > 0 ? await this.rows.count(asker, words) : all;
    const pages = pagesOf(query.page, PER_PAGE, total);
    const projects = asker && total > 0 ? await this.rows.page(asker, { words, order: query.order }, pages.from, PER_PAGE) : [];
    return { title: text('members.captionShared'), projects, total, all, filter: { ...query, isSet: words.length > 0 }, pages };
  }
}
