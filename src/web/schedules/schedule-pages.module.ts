import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { RunPagesModule } from '../run/run-pages.module';
import { OwnSchedules } from './own-schedules';
import { ScheduleAskers } from './schedule-askers';
import { ScheduleChanges } from './schedule-changes';
import { ScheduleClock } from './schedule-clock';
import { ScheduledStarts } from './scheduled-starts';
import { ScheduleFormsController } from './schedule-forms.controller';
import { ScheduleFormViews } from './schedule-form.view';
import { ScheduleListViews } from './schedule-list.view';
import { ScheduleMaking } from './schedule-making';
import { SchedulePageViews } from './schedule-page.view';
import { SchedulesController } from './schedules.controller';
import { StuckSchedules } from './stuck-schedules';

/** Forms that start by themselves: their pages, and the clock that starts them. */
@Module({
  imports: [ScheduleModule.forRoot(), CommonModule, AccessModule, AdmissionModule, RunPagesModule],
  controllers: [SchedulesController, ScheduleFormsController],
  providers: [
    OwnSchedules,
    ScheduleAskers,
    ScheduleChanges,
    ScheduleClock,
    ScheduledStarts,
    ScheduleFormViews,
    ScheduleListViews,
    ScheduleMaking,
    SchedulePageViews,
    StuckSchedules,
  ],
  exports: [OwnSchedules, ScheduleAskers, ScheduleMaking],
})
export class SchedulePagesModule {}
