import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Run } from './run.entity';

/** What pages read of runs. Writes are steps of `QueueStore`. */
@Injectable()
export class RunsRepository {
  constructor(@InjectRepository(Run) private readonly runs: Repository<Run>) {}

  /** @param id the number that people see. */
  find(id: number): Promise<Run | null> {
    return this.runs.findOneBy({ id });
  }
}
