import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { Chore, DAY_MS, rowsWaste, type Waste } from '../../common/cleaning/chore';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import { ScheduleTicksRepository } from '../../common/schedules/schedule-ticks.repository';

/** Schedules of people and projects that are gone, those that were deleted, and what became of their times after RETENTION_DAYS. */
@Injectable()
export class GoneSchedules extends Chore {
  readonly name = 'schedules that nobody sees';

  constructor(
    private readonly config: AppConfig,
    private readonly schedules: SchedulesRepository,
    private readonly ticks: ScheduleTicksRepository,
  ) {
    super();
  }

  async find(nowMs: number): Promise<Waste[]> {
    const ids = await this.schedules.useless();
    const beforeMs = nowMs - this.config.settings.RETENTION_DAYS * DAY_MS;
    return [
      ...rowsWaste('schedules that nobody sees', ids.length, () => this.schedules.deleteAll(ids)),
      ...rowsWaste('times of schedules', await this.ticks.countOld(beforeMs), () => this.ticks.deleteOld(beforeMs)),
    ];
  }
}
