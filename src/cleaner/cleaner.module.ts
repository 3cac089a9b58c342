import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CommonModule } from '../common/common.module';
import { CHORE_PROVIDERS } from './chores';
import { CleanerLockRepository } from './cleaner-lock.repository';
import { CleaningRecords } from './cleaning-records';
import { CleaningSchedule } from './cleaning-schedule';
import { CleaningService } from './cleaning.service';
import { RunnerRowsRepository } from './runner-rows.repository';
import { SpaceFigures } from './space-figures';
import { SpaceRowsRepository } from './space-rows.repository';

/** Cleans once, or by schedule; it never looks at HTTP and starts no run. */
@Module({
  imports: [CommonModule, ScheduleModule.forRoot()],
  providers: [
    ...CHORE_PROVIDERS,
    CleanerLockRepository,
    CleaningRecords,
    CleaningSchedule,
    CleaningService,
    RunnerRowsRepository,
    SpaceFigures,
    SpaceRowsRepository,
  ],
})
export class CleanerModule {}
