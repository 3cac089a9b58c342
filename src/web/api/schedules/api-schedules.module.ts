import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { RunPagesModule } from '../../run/run-pages.module';
import { SchedulePagesModule } from '../../schedules/schedule-pages.module';
import { ScheduleJsons } from './schedule-json';
import { ScheduleOrders } from './schedule-orders';
import { ApiSchedulesController } from './schedules.controller';

/** Forms that start by themselves, for programs. */
@Module({
  imports: [CommonModule, AccessModule, RunPagesModule, SchedulePagesModule],
  controllers: [ApiSchedulesController],
  providers: [ScheduleJsons, ScheduleOrders],
})
export class ApiSchedulesModule {}
