import { Module } from '@nestjs/common';
import { AccountAddressModule } from '../common/account-address/account-address.module';
import { AuditModule } from '../common/audit/audit.module';
import { ApiTokensModule } from '../common/api-tokens/api-tokens.module';
import { AccountLinksModule } from '../common/account-links/account-links.module';
import { ChainsModule } from '../common/chains/chains.module';
import { CleaningModule } from '../common/cleaning/cleaning.module';
import { ConfigModule } from '../common/config/config.module';
import { DatabaseModule } from '../common/database/database.module';
import { DiskModule } from '../common/disk/disk.module';
import { ExternalUsersModule } from '../common/external-users/external-users.module';
import { IdentitiesModule } from '../common/identities/identities.module';
import { MailModule } from '../common/mail/mail.module';
import { GroupsModule } from '../common/groups/groups.module';
import { PipelineSettingsModule } from '../common/pipeline-settings/pipeline-settings.module';
import { PeopleModule } from '../common/people/people.module';
import { QuotasModule } from '../common/quotas/quotas.module';
import { QueueModule } from '../common/queue/queue.module';
import { UsersModule } from '../common/users/users.module';
import { WaitingModule } from '../common/waiting/waiting.module';
import { AccountCommands } from './account-commands';
import { AccountFinder } from './account-finder';
import { AddressCommands } from './address-commands';
import { AuditCommands } from './audit-commands';
import { DiskCommands } from './disk-commands';
import { GroupCommands } from './group-commands';
import { PipelineCommands } from './pipeline-commands';
import { PeopleCommands } from './people-commands';
import { QueueCommands } from './queue-commands';
import { CleanerCommands } from './cleaner-commands';
import { MailCommands } from './mail-commands';
import { RunnerCommands } from './runner-commands';
import { SteeringCommands } from './steering-commands';
import { TokenCommands } from './token-commands';
import { TakeOverModule } from './take-over/take-over.module';

/** What `node dist/admin` needs: people, the queue and the runners, and nothing else. */
@Module({
  imports: [
    AccountAddressModule,
    AccountLinksModule,
    ApiTokensModule,
    AuditModule,
    ConfigModule,
    DatabaseModule,
    DiskModule,
    ExternalUsersModule,
    IdentitiesModule,
    ChainsModule,
    CleaningModule,
    GroupsModule,
    PipelineSettingsModule,
    MailModule,
    PeopleModule,
    QuotasModule,
    UsersModule,
    QueueModule,
    TakeOverModule,
    WaitingModule,
  ],
  providers: [
    AccountCommands,
    AccountFinder,
    AddressCommands,
    AuditCommands,
    CleanerCommands,
    DiskCommands,
    GroupCommands,
    MailCommands,
    PeopleCommands,
    PipelineCommands,
    QueueCommands,
    RunnerCommands,
    SteeringCommands,
    TokenCommands,
  ],
})
export class AdminModule {}
