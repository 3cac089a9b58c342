import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { SchedulesRepository } from './schedules.repository';
import { ScheduleTicksRepository } from './schedule-ticks.repository';

/** Forms that start by themselves, as rows. */
@Module({
  imports: [DatabaseModule],
  providers: [SchedulesRepository, ScheduleTicksRepository],
  exports: [SchedulesRepository, ScheduleTicksRepository],
})
export class SchedulesModule {}
