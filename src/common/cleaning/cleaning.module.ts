import { Module } from '@nestjs/common';
import { AccountLinksModule } from '../account-links/account-links.module';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { DigestsModule } from '../digests/digests.module';
import { FilesModule } from '../files/files.module';
import { InboxModule } from '../inbox/inbox.module';
import { MailModule } from '../mail/mail.module';
import { ProjectsModule } from '../projects/projects.module';
import { QueueModule } from '../queue/queue.module';
import { TrashModule } from '../trash/trash.module';
import { UploadsModule } from '../uploads/uploads.module';
import { UsersModule } from '../users/users.module';
import { AccountPlaces } from './account-places';
import type { Chore } from './chore';
import { CleaningPreview, ForeseenChores } from './cleaning-preview';
import { CleaningsRepository } from './cleanings.repository';
import { DryRun } from './dry-run';
import { ExpiredGuests } from './expired-guests';
import { ExpiredRuns } from './expired-runs';
import { ExpiredUploads } from './expired-uploads';
import { GuestsRepository } from './guests.repository';
import { KeepLonger } from './keep-longer';
import { LeavingAccounts } from './leaving-accounts';
import { LeavingRepository } from './leaving.repository';
import { OldInboxFiles } from './old-inbox-files';
import { OldTrash } from './old-trash';
import { RemovalWarnings } from './removal-warnings';
import { RemovalWarningsRepository } from './removal-warnings.repository';
import { RunExpiry } from './run-expiry';
import { RunPlaces } from './run-places';
import { RunRemoval } from './run-removal';
import { WarningServices } from './warning-services';

const FORESEEN = [ExpiredRuns, OldTrash, ExpiredUploads, OldInboxFiles, ExpiredGuests, LeavingAccounts];
const SHARED = [
  ...FORESEEN,
  AccountPlaces,
  CleaningPreview,
  CleaningsRepository,
  DryRun,
  GuestsRepository,
  KeepLonger,
  LeavingRepository,
  RemovalWarnings,
  RemovalWarningsRepository,
  RunExpiry,
  RunPlaces,
  RunRemoval,
  WarningServices,
];

/** What goes when, what is kept longer, and who is told of it: for the cleaner, which does it, and for the pages, which tell it. */
@Module({
  imports: [
    AccountLinksModule,
    ConfigModule,
    DatabaseModule,
    DigestsModule,
    FilesModule,
    InboxModule,
    MailModule,
    ProjectsModule,
    QueueModule,
    TrashModule,
    UploadsModule,
    UsersModule,
  ],
  providers: [...SHARED, { provide: ForeseenChores, inject: FORESEEN, useFactory: (...chores: Chore[]) => new ForeseenChores(chores) }],
  exports: SHARED,
})
export class CleaningModule {}
