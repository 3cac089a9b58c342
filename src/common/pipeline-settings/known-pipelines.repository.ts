import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { KnownPipeline } from './known-pipeline.entity';

/** The rows of which pipelines were here already. */
@Injectable()
export class KnownPipelinesRepository {
  private readonly now: string;

  constructor(@InjectRepository(KnownPipeline) private readonly known: Repository<KnownPipeline>) {
    this.now = NOW_MS[dialectOf(known.manager.connection.options)];
  }

  async all(): Promise<Set<string>> {
    return new Set((await this.known.find()).map(({ pipelineId }) => pipelineId));
  }

  /** When they come back they are new. */
  async forget(ids: readonly string[]): Promise<void> {
    await repeatWhileBusy(() => this.known.delete({ pipelineId: In([...ids]) }));
  }

  /** Harmless for those that are known. */
  async add(ids: readonly string[]): Promise<void> {
    const values = ids.map((pipelineId) => ({ pipelineId, firstMs: () => this.now }));
    await repeatWhileBusy(() =>
      this.known
        .createQueryBuilder()
        .insert()
        .orIgnore()
        .values(values as object[])
        .execute(),
    );
  }
}
