import { Module } from '@nestjs/common';
import { AccountLinksModule } from '../common/account-links/account-links.module';
import { ConfigModule } from '../common/config/config.module';
import { DatabaseModule } from '../common/database/database.module';
import { ExternalUsersModule } from '../common/external-users/external-users.module';
import { FilesModule } from '../common/files/files.module';
import { GroupsModule } from '../common/groups/groups.module';
import { PipelineSettingsModule } from '../common/pipeline-settings/pipeline-settings.module';
import { QueueModule } from '../common/queue/queue.module';
import { UsersModule } from '../common/users/users.module';
import { WaitingModule } from '../common/waiting/waiting.module';
import { AccountCommands } from './account-commands';
import { GroupCommands } from './group-commands';
import { PipelineCommands } from './pipeline-commands';
import { QueueCommands } from './queue-commands';
import { RunnerCommands } from './runner-commands';

/** What `node dist/admin` needs: people, the queue and the runners, and nothing else. */
@Module({
  imports: [
    AccountLinksModule,
    ConfigModule,
    DatabaseModule,
    ExternalUsersModule,
    FilesModule,
    GroupsModule,
    PipelineSettingsModule,
    UsersModule,
    QueueModule,
    WaitingModule,
  ],
  providers: [AccountCommands, GroupCommands, PipelineCommands, QueueCommands, RunnerCommands],
})
export class AdminModule {}
