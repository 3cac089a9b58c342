import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, LessThan, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { InboxLink } from './inbox-link.entity';

/** Rows in one statement. */
const MOST_AT_ONCE = 500;

/** The rows of links to files of the inbox. */
@Injectable()
export class InboxLinksRepository {
  private readonly now: string;

  constructor(@InjectRepository(InboxLink) private readonly rows: Repository<InboxLink>) {
    this.now = NOW_MS[dialectOf(rows.manager.connection.options)];
  }

  async add(links: readonly Omit<InboxLink, 'createdMs'>[]): Promise<void> {
    for (const part of inParts(links)) {
      const values = part.map((link) => ({ ...link, createdMs: () => this.now }));
      await repeatWhileBusy(() => this.rows.createQueryBuilder().insert().values(values).execute());
    }
  }

  /** By id, as far as they are of this project. */
  async find(projectId: string, ids: readonly string[]): Promise<Map<string, InboxLink>> {
    const found = new Map<string, InboxLink>();
    for (const part of inParts([...new Set(ids)])) {
      for (const link of await this.rows.findBy({ projectId, id: In(part) })) found.set(link.id, link);
    }
    return found;
  }

  hasAny(projectId: string): Promise<boolean> {
    return this.rows.existsBy({ projectId });
  }

  /** Those of a project that are older than a time. */
  ofProject(projectId: string, beforeMs: number): Promise<InboxLink[]> {
    return this.rows.findBy({ projectId, createdMs: LessThan(beforeMs) });
  }

  /** What all links lead to, and whose they are. */
  targets(): Promise<Pick<InboxLink, 'ownerId' | 'source' | 'target'>[]> {
    return this.rows.find({ select: { id: true, ownerId: true, source: true, target: true } });
  }

  async projects(): Promise<string[]> {
    const rows = await this.rows.createQueryBuilder('link').select('link.projectId', 'id').distinct(true).getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  async delete(ids: readonly string[]): Promise<void> {
    for (const part of inParts(ids)) await repeatWhileBusy(() => this.rows.delete({ id: In(part) }));
  }
}

function inParts<Item>(items: readonly Item[]): Item[][] {
  const count = Math.ceil(items.length / MOST_AT_ONCE);
  return Array.from({ length: count }, (_, index) => items.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE));
}
