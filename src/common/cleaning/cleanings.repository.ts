import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThanOrEqual, Not, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Cleaning, type ChoreRecord } from './cleaning.entity';

const KEPT = 200;
/** A cleaning each day is usual. */
const USUAL_WITHIN_MS = 3 * 86_400_000;

/** What cleanings did. */
@Injectable()
export class CleaningsRepository {
  constructor(@InjectRepository(Cleaning) private readonly cleanings: Repository<Cleaning>) {}

  /** @returns the number under which its end is written down. */
  async begin(nowMs: number): Promise<number> {
    const { identifiers } = await repeatWhileBusy(() => this.cleanings.insert({ startedMs: nowMs, failures: 0, details: [] }));
    const id = Number((identifiers[0] as { id?: number } | undefined)?.id);
    await repeatWhileBusy(() => this.cleanings.delete({ id: LessThanOrEqual(id - KEPT) }));
    return id;
  }

  async end(id: number, finishedMs: number, details: ChoreRecord[]): Promise<void> {
    const failures = details.reduce((sum, one) => sum + one.failures, 0);
    await repeatWhileBusy(() => this.cleanings.update({ id }, { finishedMs, failures, details }));
  }

  /** When the latest came to its end, and whether the next should have come since; a time of null: none has yet. */
  async lastEnd(nowMs: number): Promise<{ finishedMs: number | null; isLate: boolean }> {
    const ended = await this.cleanings.findOne({ where: { finishedMs: Not(IsNull()) }, order: { id: 'DESC' } });
    const finishedMs = ended?.finishedMs ?? null;
    return { finishedMs, isLate: finishedMs === null || nowMs - finishedMs > USUAL_WITHIN_MS };
  }

  /** The latest first. */
  latest(count: number): Promise<Cleaning[]> {
    return this.cleanings.find({ order: { id: 'DESC' }, take: count });
  }
}
