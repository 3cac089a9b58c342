import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, Not, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf } from '../database/dialect';
import { inParts } from '../database/in-parts';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { useIndex } from './queue-sql';
import { FINAL_STATES, HELD_STATES, LIVE_STATES } from './run-state';
import { Run, RunDetails, RunEvent } from './run.entity';

const MOST_LISTED = 1000;
/** Neither the run nor its project is kept beyond `:nowMs`. */
const NOT_KEPT = `run.keep = 0 AND (run.keep_until_ms IS NULL OR run.keep_until_ms <= :nowMs)
  AND NOT EXISTS (SELECT 1 FROM projects WHERE projects.id = run.project_id AND projects.keep_until_ms > :nowMs)`;

/** Where a page of ended runs begins; given by the page before and passed on as it is. */
export interface Cursor {
  finishedMs: number;
  id: number;
}

export interface FinishedPage {
  runs: Run[];
  /** Null on the last page. */
  next: Cursor | null;
}

/** What pages, mails and the cleaner read of runs. Moves are made by `QueueStore` alone. */
@Injectable()
export class RunsRepository {
  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(RunDetails) private readonly detailsOfRuns: Repository<RunDetails>,
    @InjectRepository(RunEvent) private readonly runEvents: Repository<RunEvent>,
  ) {}

  find(id: number): Promise<Run | null> {
    return this.runs.findOneBy({ id });
  }

  /** Whether a run still is under the fence that somebody knows: nobody has taken it over, so nobody else has made another attempt. */
  async isUnder({ id, fence }: Pick<Run, 'id' | 'fence'>): Promise<boolean> {
    return (await this.find(id))?.fence === fence;
  }

  findByIds(ids: readonly number[]): Promise<Run[]> {
    return inParts(ids, (part) => this.runs.findBy({ id: In(part) }));
  }

  /** Parameters and manifest as they were at submission. */
  details(runId: number): Promise<RunDetails | null> {
    return this.detailsOfRuns.findOneBy({ runId });
  }

  /** Every transition of a run, in order. */
  events(runId: number): Promise<RunEvent[]> {
    return this.runEvents.find({ where: { runId }, order: { id: 'ASC' } });
  }

  /**
   * Runs that are not over: first those that a runner holds, oldest first, then those that wait, in the order of the queue, then those
   * whose time has not come.
   */
  async listWaitingAndHeld(filter: { ownerId?: string; limit?: number } = {}): Promise<Run[]> {
    const owner = filter.ownerId === undefined ? {} : { ownerId: filter.ownerId };
    const take = filter.limit ?? MOST_LISTED;
    const held = await this.runs.find({ where: { ...owner, state: In([...HELD_STATES]) }, order: { id: 'ASC' }, take });
    const queued = await this.runs.find({ where: { ...owner, state: 'queued' }, order: { rank: 'ASC', id: 'ASC' }, take });
    const scheduled = await this.runs.find({ where: { ...owner, state: 'scheduled' }, order: { availableMs: 'ASC', id: 'ASC' }, take });
    return [...held, ...queued, ...scheduled].slice(0, take);
  }

  /**
   * The oldest queued run of each rank, person and pipeline: whoever has few runs starts before the many of somebody else, however
   * many of those are older.
   */
  async headsOfLine(limit: number): Promise<Run[]> {
    const rows = await this.runs.query<{ id: number | string }[]>(
      `SELECT MIN(id) AS id FROM queue ${useIndex(dialectOf(this.runs.manager.connection.options), 'idx_queue_head')}
       WHERE state = 'queued' GROUP BY state, \`rank\`, owner_id, pipeline_id LIMIT ${limit}`,
    );
    return this.findByIds(rows.map(({ id }) => Number(id)));
  }

  /** When each of these people had their last turn in the queue (see `chooseRuns`); those who had none are missing. */
  async turnsOf(ownerIds: readonly string[]): Promise<Map<string, number>> {
    if (ownerIds.length === 0) return new Map();
    const rows = await this.runs.query<{ owner_id: string; turn: number | string }[]>(
      `SELECT owner_id, turn FROM turns WHERE owner_id IN (${ownerIds.map(() => '?').join(', ')})`,
      [...ownerIds],
    );
    return new Map(rows.map(({ owner_id, turn }) => [owner_id, Number(turn)]));
  }

  /** Ended runs page by page, last ended first; a person's own by number, last asked for first, because that is what has an index. */
  async listFinished(filter: { ownerId?: string; after?: Cursor | null; limit: number }): Promise<FinishedPage> {
    const runs = filter.ownerId === undefined ? await this.everybodysFinished(filter) : await this.finishedOf(filter.ownerId, filter);
    const page = runs.slice(0, filter.limit);
    const last = page.at(-1);
    return { runs: page, next: last && runs.length > page.length ? { finishedMs: last.finishedMs ?? 0, id: last.id } : null };
  }

  /** Newest first. @param from how many to pass over. */
  byProject(projectId: string, limit: number, from = 0): Promise<Run[]> {
    return this.runs.find({ where: { projectId }, order: { id: 'DESC' }, skip: from, take: limit });
  }

  /** Runs of a project that are over, the latest first. */
  endedOfProject(projectId: string, limit: number): Promise<Run[]> {
    return this.runs.find({ where: { projectId, state: In([...FINAL_STATES]) }, order: { id: 'DESC' }, take: limit });
  }

  /** What the rows of these runs do not hold; those that are not there are left out. */
  detailsOf(runIds: readonly number[]): Promise<RunDetails[]> {
    return runIds.length === 0 ? Promise.resolve([]) : this.detailsOfRuns.findBy({ runId: In([...runIds]) });
  }

  /** Runs of a project that are not over: while there are any, its files are in use. */
  liveOfProject(projectId: string): Promise<Run[]> {
    return this.runs.find({ where: { projectId, state: In([...LIVE_STATES]) }, order: { id: 'ASC' } });
  }

  /** Runs of a person that are not over. */
  liveOfOwner(ownerId: string): Promise<Run[]> {
    return this.runs.find({ where: { ownerId, state: In([...LIVE_STATES]) }, order: { id: 'ASC' } });
  }

  /**
   * Ended runs that nobody keeps, longest ended first: what the cleaner may take; and those of which it has begun to remove something.
   * @param beforeMs by the database's clock. @param nowMs until when what is kept has to be kept.
   */
  finishedBefore(beforeMs: number, limit: number, nowMs = beforeMs): Promise<Run[]> {
    return this.runs
      .createQueryBuilder('run')
      .where('run.finishedMs < :beforeMs', { beforeMs })
      .andWhere(`(run.doomedMs IS NOT NULL OR (${NOT_KEPT}))`, { nowMs })
      .orderBy('run.finishedMs')
      .addOrderBy('run.id')
      .take(limit)
      .getMany();
  }

  /** Exempts an ended run from the cleaner for ever, or gives it back to it. @returns false when the cleaner was first. */
  setKeep(id: number, keep: boolean): Promise<boolean> {
    return this.keep(id, { keep, untilMs: null });
  }

  /** Exempts an ended run from the cleaner for ever, or until a time. @returns false when the cleaner was first. */
  async keep(id: number, { keep, untilMs }: { keep: boolean; untilMs: number | null }): Promise<boolean> {
    const where = { id, doomedMs: IsNull(), finishedMs: Not(IsNull()) };
    const { affected } = await repeatWhileBusy(() => this.runs.update(where, { keep, keepUntilMs: untilMs }));
    return (affected ?? 0) > 0;
  }

  /**
   * Ended runs that are kept longer than others, the latest first; of too many, those that are kept until the latest time. One question for
   * each reason, and in the words that SQLite needs for the index of what is kept.
   * @param nowMs by the database's clock.
   */
  async keptLonger(nowMs: number, limit: number): Promise<Run[]> {
    const kept = (reason: string) =>
      this.runs
        .createQueryBuilder('run')
        .where(`${reason} AND run.finished_ms IS NOT NULL`, { nowMs })
        .orderBy('run.keepUntilMs', 'DESC')
        .addOrderBy('run.id', 'DESC')
        .take(limit)
        .getMany();
    const found = [...(await kept('run.keep = 1')), ...(await kept('run.keep = 0 AND run.keep_until_ms > :nowMs'))];
    return found.sort((one, other) => other.id - one.id).slice(0, limit);
  }

  /**
   * Marks an ended run as about to be removed, so that nobody can keep it any more, unless somebody does.
   * @param evenIfKept for what goes with its owner. @returns false when it is kept, not over, or gone.
   */
  async doom(id: number, nowMs: number, evenIfKept: boolean): Promise<boolean> {
    const update = this.runs
      .createQueryBuilder()
      .update()
      .set({ doomedMs: () => `COALESCE(doomed_ms, ${Math.trunc(nowMs)})` })
      .where('id = :id AND finished_ms IS NOT NULL', { id });
    if (!evenIfKept)
      update.andWhere('(doomed_ms IS NOT NULL OR (`keep` = :no AND (keep_until_ms IS NULL OR keep_until_ms <= :nowMs)))', {
        no: false,
        nowMs,
      });
    const { affected } = await repeatWhileBusy(() => update.execute());
    return (affected ?? 0) > 0;
  }

  /** Takes the mark back: its project is kept. */
  async spare(id: number): Promise<void> {
    await repeatWhileBusy(() => this.runs.update({ id }, { doomedMs: null }));
  }

  countDoomed(projectId: string): Promise<number> {
    return this.runs.countBy({ projectId, doomedMs: Not(IsNull()) });
  }

  /** Ended runs of a project that nobody keeps: how many, and when the first of them ended; null for none. */
  async unkeptOf(projectId: string): Promise<{ count: number; finishedMs: number } | null> {
    const where: FindOptionsWhere<Run> = { projectId, keep: false, keepUntilMs: IsNull(), finishedMs: Not(IsNull()) };
    const [first] = await this.runs.find({ where, order: { finishedMs: 'ASC' }, take: 1 });
    return first ? { count: await this.runs.countBy(where), finishedMs: first.finishedMs ?? 0 } : null;
  }

  /**
   * Exempts all ended runs of a project from the cleaner; what is kept for longer stays so.
   * @param forMs since the end of each; null: for ever.
   */
  async keepAll(projectId: string, forMs: number | null): Promise<void> {
    const where = { projectId, keep: false, doomedMs: IsNull(), finishedMs: Not(IsNull()) };
    if (forMs === null) {
      await repeatWhileBusy(() => this.runs.update(where, { keep: true }));
      return;
    }
    const untilMs = `finished_ms + ${Math.trunc(forMs)}`;
    const update = this.runs
      .createQueryBuilder()
      .update()
      .set({ keepUntilMs: () => untilMs })
      .where(where)
      .andWhere(`(keep_until_ms IS NULL OR keep_until_ms < ${untilMs})`);
    await repeatWhileBusy(() => update.execute());
  }

  /** Deletes the rows of an ended run; one that is not over stays. @returns whether the run's row is gone through this call. */
  async forget(id: number): Promise<boolean> {
    const ended: FindOptionsWhere<Run> = { id, finishedMs: Not(IsNull()) };
    const run = await this.runs.findOne({ select: { ownerId: true }, where: ended });
    if (!run) return false;
    await this.detailsOfRuns.delete({ runId: id });
    await this.runEvents.delete({ runId: id });
    const isGone = ((await this.runs.delete(ended)).affected ?? 0) > 0;
    await this.runs.query('DELETE FROM turns WHERE owner_id = ? AND NOT EXISTS (SELECT 1 FROM queue WHERE owner_id = ?)', [
      run.ownerId,
      run.ownerId,
    ]);
    return isGone;
  }

  private everybodysFinished({ after, limit }: { after?: Cursor | null; limit: number }): Promise<Run[]> {
    const query = this.runs.createQueryBuilder('run').where('run.finishedMs IS NOT NULL');
    if (after) query.andWhere('(run.finishedMs < :finishedMs OR (run.finishedMs = :finishedMs AND run.id < :id))', { ...after });
    return query
      .orderBy('run.finishedMs', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .take(limit + 1)
      .getMany();
  }

  private finishedOf(ownerId: string, { after, limit }: { after?: Cursor | null; limit: number }): Promise<Run[]> {
    const where: FindOptionsWhere<Run> = { ownerId, finishedMs: Not(IsNull()), ...(after ? { id: LessThan(after.id) } : {}) };
    return this.runs.find({ where, order: { id: 'DESC' }, take: limit + 1 });
  }
}
