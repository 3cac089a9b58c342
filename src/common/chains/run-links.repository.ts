import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { RunLink } from './run-link.entity';

const MOST_STEPS = 100;
/** Runs of a project among which its chains are looked for. */
const MOST_RUNS = 1000;
/** Links of runs that are gone, found at once. */
const MOST_GONE = 10_000;

/** What pages read of chains; `QueueStore` writes them. */
@Injectable()
export class RunLinksRepository {
  constructor(@InjectRepository(RunLink) private readonly links: Repository<RunLink>) {}

  /** Those of the runs that wait, or waited, for another one. */
  ofRuns(runIds: readonly number[]): Promise<RunLink[]> {
    return inParts(runIds, (part) => this.links.findBy({ runId: In(part) }));
  }

  /** All steps of the chain that a run belongs to, in their order, its first run not among them; none for a run alone. */
  async chainOf(runId: number): Promise<RunLink[]> {
    const own = await this.links.findOneBy({ runId });
    return this.links.find({ where: { rootRun: own?.rootRun ?? runId }, order: { runId: 'ASC' }, take: MOST_STEPS });
  }

  /** The first runs of the latest chains of a project, as far as they are among its latest runs. */
  async latestRoots(projectId: string, most: number): Promise<number[]> {
    const rows = await this.links.query<{ root: number | string }[]>(
      `SELECT l.root_run AS root
       FROM (SELECT id FROM queue WHERE project_id = ? ORDER BY id DESC LIMIT ${MOST_RUNS}) latest JOIN run_links l ON l.run_id = latest.id
       GROUP BY l.root_run ORDER BY l.root_run DESC LIMIT ${most}`,
      [projectId],
    );
    return rows.map(({ root }) => Number(root));
  }

  /**
   * Runs that are gone and have links still. Read apart from the deletion: a run that is gone never comes back, while one that is asked for
   * in the moment of a DELETE may be missing in what MariaDB compares with.
   */
  async gone(): Promise<number[]> {
    const rows = await this.links
      .createQueryBuilder('run_links')
      .where('NOT EXISTS (SELECT 1 FROM queue WHERE queue.id = run_links.run_id)')
      .limit(MOST_GONE)
      .getMany();
    return rows.map(({ runId }) => runId);
  }

  async delete(runIds: readonly number[]): Promise<void> {
    await inParts(runIds, async (part) => {
      await repeatWhileBusy(() => this.links.delete({ runId: In(part) }));
      return [];
    });
  }
}
