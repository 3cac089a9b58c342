import { Injectable } from '@nestjs/common';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { ScheduleTicksRepository } from '../../common/schedules/schedule-ticks.repository';
import type { RunRow } from './run-row';

/** The schedule by which a run was started. */
export interface RunOrigin {
  name: string;
  /** Its page, below the base path; null where it was deleted. */
  href: string | null;
}

/** Finds out which runs started by themselves. */
@Injectable()
export class RunOrigins {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly ticks: ScheduleTicksRepository,
  ) {}

  /** The same rows, with where they come from for those that the reader may open. */
  async add(rows: RunRow[]): Promise<RunRow[]> {
    const origins = await this.of(rows.flatMap(({ id, mayRead }) => (mayRead ? [id] : [])));
    return rows.map((row) => ({ ...row, origin: origins.get(row.id) ?? null }));
  }

  private async of(runIds: readonly number[]): Promise<Map<number, RunOrigin>> {
    const ticks = await this.ticks.ofRuns(runIds);
    if (ticks.length === 0) return new Map();
    const schedules = await this.schedules.findByIds([...new Set(ticks.map(({ scheduleId }) => scheduleId))]);
    const known = new Map(schedules.map((schedule) => [schedule.id, schedule]));
    return new Map(
      ticks.flatMap(({ scheduleId, runId }): [number, RunOrigin][] => {
        const schedule = known.get(scheduleId);
        if (!schedule || runId === null) return [];
        const href = schedule.deletedMs === null ? `/projects/${schedule.projectId}/schedules/${scheduleId}` : null;
        return [[runId, { name: schedule.name, href }]];
      }),
    );
  }
}
