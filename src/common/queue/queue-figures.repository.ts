import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS, type Dialect } from '../database/dialect';
import { useIndex, words } from './queue-sql';
import { HELD_STATES, LIVE_STATES, type LiveState } from './run-state';
import { Run, Runner } from './run.entity';

/** How many of the last ended runs are searched for those of a pipeline, and how many of them tell its typical time. */
const LAST_ENDED = 2000;
const LAST_SUCCEEDED = 20;
const REMEMBERED_MS = 30_000;

/** A runner that has given a sign of life lately, and what it carries. */
export interface AliveRunner {
  name: string;
  host: string;
  slots: number;
  /** Runs that it holds now. */
  held: number;
  /** Since its last sign of life. */
  silentMs: number;
  pokeAddress: string | null;
}

/** Seconds that the last successful runs of a pipeline took: nearly the least, the median, and nearly the most. */
export interface UsualTime {
  low: number;
  median: number;
  high: number;
}

/** What became of a pipeline. */
export interface PipelineFigures {
  /** That are known, whatever became of them. */
  runs: number;
  waiting: number;
  lastRunId: number | null;
}

/** Numbers about the queue, for pages, metrics and the wake-up of runners. */
@Injectable()
export class QueueFiguresRepository {
  private readonly dialect: Dialect;
  private typical: { untilMs: number; times: Promise<ReadonlyMap<string, UsualTime>> } | undefined;

  constructor(
    @InjectRepository(Run) private readonly runs: Repository<Run>,
    @InjectRepository(Runner) private readonly runners: Repository<Runner>,
  ) {
    this.dialect = dialectOf(runs.manager.connection.options);
  }

  /** How many runs there are in each state in which a run is not over. The others grow without end, so nobody counts them for a page. */
  async countsByState(): Promise<Record<LiveState, number>> {
    const rows = await this.runs.query<{ state: LiveState; count: number | string }[]>(
      `SELECT state, COUNT(*) AS count FROM queue ${useIndex(this.dialect, 'idx_queue_head')}
       WHERE state IN (${words(LIVE_STATES)}) GROUP BY state`,
    );
    const counts = Object.fromEntries(LIVE_STATES.map((state) => [state, 0])) as Record<LiveState, number>;
    for (const { state, count } of rows) counts[state] = Number(count);
    return counts;
  }

  /** By id of the pipeline; reads an index of all runs, so it is for the eyes of administrators. */
  async ofPipelines(): Promise<Map<string, PipelineFigures & { lastRunMs: number | null }>> {
    const rows = await this.runs.query<Record<string, string | number>[]>(
      `SELECT t.pipeline_id, t.runs, t.waiting, t.last_id, q.requested_ms FROM (
         SELECT pipeline_id, COUNT(*) AS runs, SUM(CASE WHEN state IN ('queued', 'scheduled') THEN 1 ELSE 0 END) AS waiting, MAX(id) AS last_id
         FROM queue ${useIndex(this.dialect, 'idx_queue_head')} GROUP BY pipeline_id
       ) t JOIN queue q ON q.id = t.last_id`,
    );
    return new Map(
      rows.map((row) => [
        String(row['pipeline_id']),
        {
          runs: Number(row['runs']),
          waiting: Number(row['waiting']),
          lastRunId: Number(row['last_id']),
          lastRunMs: Number(row['requested_ms']),
        },
      ]),
    );
  }

  /** Runners that are neither stopped nor silent for longer than `staleSeconds`, by name. */
  async aliveRunners(staleSeconds: number): Promise<AliveRunner[]> {
    const now = NOW_MS[this.dialect];
    const rows = await this.runners.query<Record<string, string | number | null>[]>(
      `SELECT r.name, r.host, r.slots, r.poke_address, ${now} - r.beat_ms AS silent_ms,
         (SELECT COUNT(*) FROM queue q ${useIndex(this.dialect, 'idx_queue_head')}
           WHERE q.state IN (${words(HELD_STATES)}) AND q.runner_name = r.name) AS held
       FROM runners r WHERE r.stopped = 0 AND r.beat_ms >= ${now} - ? * 1000 ORDER BY r.name`,
      [staleSeconds],
    );
    return rows.map((row) => ({
      name: row['name'] as string,
      host: row['host'] as string,
      slots: Number(row['slots']),
      held: Number(row['held']),
      silentMs: Math.max(0, Number(row['silent_ms'])),
      pokeAddress: row['poke_address'] as string | null,
    }));
  }

  /** Median time of the last twenty successful runs of a pipeline, in seconds; null when there is none among the last ended runs. */
  async typicalSeconds(pipelineId: string): Promise<number | null> {
    return (await this.usualTime(pipelineId))?.median ?? null;
  }

  /** The same with how far apart they are. */
  async usualTime(pipelineId: string): Promise<UsualTime | null> {
    return (await this.usualTimes()).get(pipelineId) ?? null;
  }

  /** Medians for all pipelines that have such runs. */
  async typicalTimes(): Promise<ReadonlyMap<string, number>> {
    return new Map([...(await this.usualTimes())].map(([pipeline, { median }]) => [pipeline, median]));
  }

  /** In one question, which is asked anew after half a minute. */
  private usualTimes(): Promise<ReadonlyMap<string, UsualTime>> {
    if (this.typical && this.typical.untilMs > performance.now()) return this.typical.times;
    const times = this.readUsualTimes();
    this.typical = { untilMs: performance.now() + REMEMBERED_MS, times };
    // Nothing is remembered of nothing: the first run that ends is to tell as soon as it has.
    times.then(
      (known) => known.size === 0 && (this.typical = undefined),
      () => (this.typical = undefined),
    );
    return times;
  }

  private async readUsualTimes(): Promise<ReadonlyMap<string, UsualTime>> {
    const rows = await this.runs.query<{ pipeline: string; took: number | string }[]>(
      `SELECT pipeline_id AS pipeline, finished_ms - COALESCE(begun_ms, started_ms) AS took FROM (
         SELECT id, pipeline_id, state, started_ms, begun_ms, finished_ms FROM queue ${useIndex(this.dialect, 'idx_queue_finished')}
         WHERE finished_ms IS NOT NULL ORDER BY finished_ms DESC, id DESC LIMIT ${LAST_ENDED}
       ) lately
       WHERE state = 'succeeded' AND started_ms IS NOT NULL ORDER BY finished_ms DESC, id DESC`,
    );
    const times = new Map<string, number[]>();
    for (const { pipeline, took } of rows) {
      const known = times.get(pipeline) ?? [];
      if (known.length < LAST_SUCCEEDED) times.set(pipeline, [...known, Number(took)]);
    }
    return new Map([...times].map(([pipeline, all]) => [pipeline, usualOf(all)]));
  }
}

/** @param times milliseconds. With enough of them one that was out of the common is no bound. */
function usualOf(times: readonly number[]): UsualTime {
  const sorted = [...times].sort((one, other) => one - other);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const after = sorted[Math.ceil((sorted.length - 1) / 2)];
  const outliers = Math.floor(sorted.length / 10);
  const seconds = (ms: number) => Math.round(ms / 1000);
  return { low: seconds(sorted[outliers]), median: seconds((middle + after) / 2), high: seconds(sorted[sorted.length - 1 - outliers]) };
}
