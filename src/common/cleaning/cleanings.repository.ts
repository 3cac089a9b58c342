import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThanOrEqual, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Cleaning, type ChoreRecord } from './cleaning.entity';

const KEPT = 200;

/** What cleanings did. */
@Injectable()
export class CleaningsRepository {
  constructor(@InjectRepository(Cleaning) private readonly cleanings: Repository<Cleaning>) {}

  /** @returns the number under which its end is written down. */
  async begin(nowMs: number): Promise<number> {
    const { raw, identifiers } = await repeatWhileBusy(() => this.cleanings.insert({ startedMs: nowMs, failures: 0, details: [] }));
    void raw;
    const id = Number((identifiers[0] as { id?: number } | undefined)?.id);
    await repeatWhileBusy(() => this.cleanings.delete({ id: LessThanOrEqual(id - KEPT) }));
    return id;
  }

  async end(id: number, finishedMs: number, details: ChoreRecord[]): Promise<void> {
    const failures = details.reduce((sum, one) => sum + one.failures, 0);
    await repeatWhileBusy(() => this.cleanings.update({ id }, { finishedMs, failures, details }));
  }

  /** The latest first. */
  latest(count: number): Promise<Cleaning[]> {
    return this.cleanings.find({ order: { id: 'DESC' }, take: count });
  }
}
