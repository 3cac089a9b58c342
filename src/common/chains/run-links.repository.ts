import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { RunLink } from './run-link.entity';

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;
const MOST_STEPS = 100;

/** What pages read of chains; `QueueStore` writes them. */
@Injectable()
export class RunLinksRepository {
  constructor(@InjectRepository(RunLink) private readonly links: Repository<RunLink>) {}

  /** Those of the runs that wait, or waited, for another one. */
  async ofRuns(runIds: readonly number[]): Promise<RunLink[]> {
    const found: RunLink[] = [];
    for (let index = 0; index < runIds.length; index += MOST_AT_ONCE)
      found.push(...(await this.links.findBy({ runId: In(runIds.slice(index, index + MOST_AT_ONCE)) })));
    return found;
  }

  /** All steps of the chain that a run belongs to, in their order, its first run not among them; none for a run alone. */
  async chainOf(runId: number): Promise<RunLink[]> {
    const own = await this.links.findOneBy({ runId });
    return this.links.find({ where: { rootRun: own?.rootRun ?? runId }, order: { runId: 'ASC' }, take: MOST_STEPS });
  }

  /** The first runs of the latest chains of a project. */
  async latestRoots(projectId: string, most: number): Promise<number[]> {
    const rows = await this.links.query<{ root: number | string }[]>(
      `SELECT l.root_run AS root FROM run_links l JOIN queue q ON q.id = l.run_id WHERE q.project_id = ?
       GROUP BY l.root_run ORDER BY l.root_run DESC LIMIT ${most}`,
      [projectId],
    );
    return rows.map(({ root }) => Number(root));
  }

  /** Of runs that are gone. */
  countUseless(): Promise<number> {
    return this.links.createQueryBuilder('run_links').where(USELESS).getCount();
  }

  async deleteUseless(): Promise<void> {
    await repeatWhileBusy(() => this.links.createQueryBuilder().delete().where(USELESS).execute());
  }
}

const USELESS = 'NOT EXISTS (SELECT 1 FROM queue WHERE queue.id = run_links.run_id)';
