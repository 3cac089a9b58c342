import { Module } from '@nestjs/common';
import { AccountAddressModule } from './account-address/account-address.module';
import { AccountEndModule } from './account-end/account-end.module';
import { AccountLinksModule } from './account-links/account-links.module';
import { ChainsModule } from './chains/chains.module';
import { CleaningModule } from './cleaning/cleaning.module';
import { AdministratorsModule } from './administrators/administrators.module';
import { ApiOrdersModule } from './api-orders/api-orders.module';
import { ApiTokensModule } from './api-tokens/api-tokens.module';
import { AuditModule } from './audit/audit.module';
import { ConfigModule } from './config/config.module';
import { DatabaseModule } from './database/database.module';
import { DigestsModule } from './digests/digests.module';
import { DiskModule } from './disk/disk.module';
import { ExternalUsersModule } from './external-users/external-users.module';
import { IdentitiesModule } from './identities/identities.module';
import { FileTasksModule } from './file-tasks/file-tasks.module';
import { FilesModule } from './files/files.module';
import { GroupsModule } from './groups/groups.module';
import { GuestsModule } from './guests/guests.module';
import { InboxModule } from './inbox/inbox.module';
import { MembersModule } from './members/members.module';
import { MailModule } from './mail/mail.module';
import { OutputsModule } from './outputs/outputs.module';
import { PipelineSettingsModule } from './pipeline-settings/pipeline-settings.module';
import { PeopleModule } from './people/people.module';
import { PipelinesModule } from './pipelines/pipelines.module';
import { PresetsModule } from './presets/presets.module';
import { ProjectsModule } from './projects/projects.module';
import { QueueModule } from './queue/queue.module';
import { QuotasModule } from './quotas/quotas.module';
import { SchedulesModule } from './schedules/schedules.module';
import { SharesModule } from './shares/shares.module';
import { SpaceModule } from './space/space.module';
import { SweepsModule } from './sweeps/sweeps.module';
import { TrashModule } from './trash/trash.module';
import { UploadsModule } from './uploads/uploads.module';
import { UsersModule } from './users/users.module';
import { WaitingModule } from './waiting/waiting.module';
import { WebhooksModule } from './webhooks/webhooks.module';

const ROOMS = [
  AccountAddressModule,
  AccountEndModule,
  AccountLinksModule,
  ChainsModule,
  CleaningModule,
  AdministratorsModule,
  ApiOrdersModule,
  ApiTokensModule,
  AuditModule,
  ConfigModule,
  DatabaseModule,
  DigestsModule,
  DiskModule,
  ExternalUsersModule,
  IdentitiesModule,
  FileTasksModule,
  FilesModule,
  GroupsModule,
  GuestsModule,
  InboxModule,
  MembersModule,
  MailModule,
  OutputsModule,
  PipelineSettingsModule,
  PeopleModule,
  PipelinesModule,
  PresetsModule,
  ProjectsModule,
  QueueModule,
  QuotasModule,
  SchedulesModule,
  SharesModule,
  SpaceModule,
  SweepsModule,
  TrashModule,
  UploadsModule,
  UsersModule,
  WaitingModule,
  WebhooksModule,
];

/** What web, runner and cleaner share. A list: no logic here. */
@Module({ imports: ROOMS, exports: ROOMS })
export class CommonModule {}
