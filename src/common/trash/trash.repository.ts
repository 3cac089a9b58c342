import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsOrder, In, LessThan, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Deletion } from './deletion.entity';

/** Latest or largest first. */
export type TrashOrder = 'date' | 'size';

/** The rows of what can be brought back; the entries themselves are moved by `Trash`. */
@Injectable()
export class TrashRepository {
  constructor(@InjectRepository(Deletion) private readonly deletions: Repository<Deletion>) {}

  async add(deletion: Deletion): Promise<void> {
    await repeatWhileBusy(() => this.deletions.insert(deletion));
  }

  async update(id: string, change: Partial<Omit<Deletion, 'id'>>): Promise<void> {
    await repeatWhileBusy(() => this.deletions.update({ id }, change));
  }

  find(projectId: string, id: string): Promise<Deletion | null> {
    return this.deletions.findOneBy({ projectId, id });
  }

  /** @param by latest or largest first. @param from how many to pass over. */
  async pageOf(
    projectId: string,
    { from, most, by = 'date' }: { from: number; most: number; by?: TrashOrder },
  ): Promise<{ deletions: Deletion[]; total: number }> {
    const order: FindOptionsOrder<Deletion> =
      by === 'size' ? { bytes: 'DESC', deletedMs: 'DESC', id: 'ASC' } : { deletedMs: 'DESC', id: 'ASC' };
    const [deletions, total] = await this.deletions.findAndCount({ where: { projectId }, order, skip: from, take: most });
    return { deletions, total };
  }

  all(projectId: string): Promise<Deletion[]> {
    return this.deletions.findBy({ projectId });
  }

  countOf(projectId: string): Promise<number> {
    return this.deletions.countBy({ projectId });
  }

  /** What all of it takes. */
  async sumsOf(projectId: string): Promise<{ deletions: number; files: number; bytes: number; complete: boolean }> {
    const sums = await this.deletions
      .createQueryBuilder('deletion')
      .select('COUNT(*)', 'deletions')
      .addSelect('SUM(deletion.files)', 'files')
      .addSelect('SUM(deletion.bytes)', 'bytes')
      .where({ projectId })
      .getRawOne<Record<'deletions' | 'files' | 'bytes', number | string | null>>();
    const uncounted = await this.deletions.countBy({ projectId, complete: false });
    const { deletions = 0, files = 0, bytes = 0 } = sums ?? {};
    return { deletions: Number(deletions), files: Number(files), bytes: Number(bytes), complete: uncounted === 0 };
  }

  /** Oldest first. @param beforeMs by the database's clock. */
  olderThan(beforeMs: number, most: number): Promise<Deletion[]> {
    return this.deletions.find({ where: { deletedMs: LessThan(beforeMs) }, order: { deletedMs: 'ASC', id: 'ASC' }, take: most });
  }

  /** Those of these ids that have a row. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.deletions.find({ select: { id: true }, where: { id: In([...ids]) } });
    return new Set(rows.map(({ id }) => id));
  }

  async forget(id: string): Promise<void> {
    await repeatWhileBusy(() => this.deletions.delete({ id }));
  }
}
