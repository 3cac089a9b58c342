import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CommonModule } from '../common/common.module';
import { CHORE_PROVIDERS } from './chores';
import { CleanerLockRepository } from './cleaner-lock.repository';
import { CleaningSchedule } from './cleaning-schedule';
import { CleaningService } from './cleaning.service';
import { LeavingRepository } from './leaving.repository';
import { AccountPlaces } from './account-places';
import { GuestsRepository } from './guests.repository';
import { RunPlaces } from './run-places';
import { RunRemoval } from './run-removal';
import { RunnerRowsRepository } from './runner-rows.repository';
import { SpaceFigures } from './space-figures';
import { SpaceRowsRepository } from './space-rows.repository';

/** Cleans once, or by schedule; it never looks at HTTP and starts no run. */
@Module({
  imports: [CommonModule, ScheduleModule.forRoot()],
  providers: [
    ...CHORE_PROVIDERS,
    CleanerLockRepository,
    CleaningSchedule,
    CleaningService,
    GuestsRepository,
    LeavingRepository,
    AccountPlaces,
    RunPlaces,
    RunRemoval,
    RunnerRowsRepository,
    SpaceFigures,
    SpaceRowsRepository,
  ],
})
export class CleanerModule {}
