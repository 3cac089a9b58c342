import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { Run, RunEvent } from '../../common/queue/run.entity';
import type { RunState } from '../../common/queue/run-state';

/** A transition, with what decides who may hear of it. */
export interface Transition {
  eventId: number;
  runId: number;
  ownerId: string;
  projectId: string;
  state: RunState;
  /** By the database's clock. */
  atMs: number;
}

/** How far a run is that is being carried out. */
export interface Progress {
  runId: number;
  ownerId: string;
  projectId: string;
  state: RunState;
  progress: number | null;
  progressText: string | null;
}

/** MariaDB gives BIGINT as text. */
type Raw<Row> = { [Key in keyof Row]: Row[Key] extends number ? number | string : Row[Key] };

/** What the change feed looks at: cheap reads by index that name only the columns they need. */
@Injectable()
export class ChangesRepository {
  constructor(
    @InjectRepository(RunEvent) private readonly events: Repository<RunEvent>,
    @InjectRepository(Run) private readonly runs: Repository<Run>,
  ) {}

  async latestEventId(): Promise<number> {
    const row = await this.events.createQueryBuilder('event').select('MAX(event.id)', 'id').getRawOne<{ id: number | string | null }>();
    return Number(row?.id ?? 0);
  }

  /** In the order of their ids, which is not the order in which they were committed. */
  async transitionsAfter(eventId: number, limit: number): Promise<Transition[]> {
    const rows = await this.events
      .createQueryBuilder('event')
      .innerJoin(Run, 'run', 'run.id = event.runId')
      .select('event.id', 'eventId')
      .addSelect('event.runId', 'runId')
      .addSelect('event.toState', 'state')
      .addSelect('event.atMs', 'atMs')
      .addSelect('run.ownerId', 'ownerId')
      .addSelect('run.projectId', 'projectId')
      .where('event.id > :eventId', { eventId })
      .orderBy('event.id')
      .limit(limit)
      .getRawMany<Raw<Transition>>();
    return rows.map((row) => ({
      ...row,
      eventId: Number(row.eventId),
      runId: Number(row.runId),
      atMs: Number(row.atMs),
    }));
  }

  /** Grows when runs are moved in the line, which is no transition, and when the whole queue is held or let go. */
  async moves(): Promise<number> {
    const [row] = await this.runs.query<{ moves: number | string }[]>('SELECT moves FROM gate WHERE id = 1');
    return Number(row?.moves ?? 0);
  }

  async inProgress(): Promise<Progress[]> {
    const rows = await this.runs.find({
      select: { id: true, ownerId: true, projectId: true, state: true, progress: true, progressText: true },
      where: { state: In(['running', 'stopping']) },
    });
    return rows.map(({ id, ownerId, projectId, state, progress, progressText }) => ({
      runId: id,
      ownerId,
      projectId,
      state,
      progress,
      progressText,
    }));
  }
}
