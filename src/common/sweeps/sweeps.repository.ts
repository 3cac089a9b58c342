import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { useIndex } from '../queue/queue-sql';
import type { RunState } from '../queue/run-state';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Sweep, SweepRun } from './sweep.entity';

export type NewSweep = Omit<Sweep, 'createdMs'>;

/** Numbers in one IN list. */
const MOST_AT_ONCE = 500;

/** The rows of sweeps. The runs themselves know nothing of them: a queue does not care why somebody asks. */
@Injectable()
export class SweepsRepository {
  private readonly now: string;
  private readonly ignore: string;
  private readonly byOwner: string;

  constructor(
    @InjectRepository(Sweep) private readonly sweeps: Repository<Sweep>,
    @InjectRepository(SweepRun) private readonly members: Repository<SweepRun>,
  ) {
    const dialect = dialectOf(sweeps.manager.connection.options);
    this.now = NOW_MS[dialect];
    this.ignore = dialect === 'sqlite' ? 'OR IGNORE' : 'IGNORE';
    this.byOwner = useIndex(dialect, 'idx_queue_owner');
  }

  /** Harmless for one that is there. */
  async add(sweep: NewSweep): Promise<void> {
    if (await this.find(sweep.id)) return;
    const values = { ...sweep, createdMs: () => this.now };
    await repeatWhileBusy(() =>
      this.sweeps
        .createQueryBuilder()
        .insert()
        .orIgnore()
        .values(values as object)
        .execute(),
    );
  }

  /** Harmless for one that belongs to it already. */
  async addRun(sweepId: string, position: number, runId: number): Promise<void> {
    const insert = `INSERT ${this.ignore} INTO sweep_runs (sweep_id, position, run_id) VALUES (?, ?, ?)`;
    await repeatWhileBusy(() => this.members.query(insert, [sweepId, position, runId]));
  }

  /** Puts another run into the place of one; harmless where that has none (any more). */
  async replaceRun(runId: number, instead: number): Promise<void> {
    await repeatWhileBusy(() => this.members.update({ runId }, { runId: instead }));
  }

  find(id: string): Promise<Sweep | null> {
    return this.sweeps.findOneBy({ id });
  }

  /** The newest first. */
  ofProject(projectId: string, most: number): Promise<Sweep[]> {
    return this.sweeps.find({ where: { projectId }, order: { createdMs: 'DESC', id: 'ASC' }, take: most });
  }

  /** Numbers of the runs by their position, in its order. */
  async runsOf(sweepId: string): Promise<Pick<SweepRun, 'position' | 'runId'>[]> {
    return this.members.find({ select: { position: true, runId: true }, where: { sweepId }, order: { position: 'ASC' } });
  }

  /** Those of the runs that belong to a sweep. */
  membersAmong(runIds: readonly number[]): Promise<SweepRun[]> {
    return inParts(runIds, (part) => this.members.findBy({ runId: In(part) }));
  }

  findByIds(ids: readonly string[]): Promise<Sweep[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.sweeps.findBy({ id: In([...ids]) });
  }

  /** How many runs of each sweep are in which state. It reads all of them: whoever asks for many has a bound. */
  async countStates(ids: readonly string[]): Promise<{ sweepId: string; state: RunState; count: number }[]> {
    if (ids.length === 0) return [];
    const rows = await this.sweeps.query<{ sweepId: string; state: RunState; count: number | string }[]>(
      `SELECT m.sweep_id AS sweepId, q.state AS state, COUNT(*) AS count FROM sweep_runs m JOIN queue q ON q.id = m.run_id
       WHERE m.sweep_id IN (${ids.map(() => '?').join(', ')}) GROUP BY m.sweep_id, q.state`,
      [...ids],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** The sweep that a run belongs to; null for most. */
  async ofRun(runId: number): Promise<Sweep | null> {
    const member = await this.members.findOneBy({ runId });
    return member ? this.find(member.sweepId) : null;
  }

  /**
   * Numbers of a person's ended runs that are of none of some sweeps, newest first.
   * @param before a number; only lower ones. What is passed over is at most as much as these sweeps hold.
   */
  async endedBeside(wanted: { ownerId: string; sweepIds: readonly string[]; before: number }, most: number): Promise<number[]> {
    const { ownerId, sweepIds, before } = wanted;
    const beside = sweepIds.length === 0 ? '' : `AND m.sweep_id IN (${sweepIds.map(() => '?').join(', ')})`;
    const rows = await this.sweeps.query<{ id: number | string }[]>(
      `SELECT q.id AS id FROM queue q ${this.byOwner}
       WHERE q.owner_id = ? AND q.id < ? AND q.finished_ms IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM sweep_runs m WHERE m.run_id = q.id ${beside})
       ORDER BY q.id DESC LIMIT ${most}`,
      [ownerId, before, ...sweepIds],
    );
    return rows.map(({ id }) => Number(id));
  }

  /** Sweeps of the past of which no run is left. */
  async gone(beforeMs: number, most: number): Promise<string[]> {
    const rows = await this.sweeps.query<{ id: string }[]>(
      `SELECT s.id AS id FROM sweeps s WHERE s.created_ms < ? AND NOT EXISTS (
         SELECT 1 FROM sweep_runs m JOIN queue q ON q.id = m.run_id WHERE m.sweep_id = s.id) LIMIT ${most}`,
      [beforeMs],
    );
    return rows.map(({ id }) => id);
  }

  async delete(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
      const part = In(ids.slice(index, index + MOST_AT_ONCE));
      await repeatWhileBusy(() => this.members.delete({ sweepId: part }));
      await repeatWhileBusy(() => this.sweeps.delete({ id: part }));
    }
  }
}
