import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { GroupsModule } from '../groups/groups.module';
import { MembersModule } from '../members/members.module';
import { PipelinesModule } from '../pipelines/pipelines.module';
import { QueueModule } from '../queue/queue.module';
import { UsersModule } from '../users/users.module';
import { AccessNames } from './access-names';
import { KnownPipelinesRepository } from './known-pipelines.repository';
import { LivingRunners } from './living-runners';
import { Newcomers } from './newcomers';
import { PipelineOverview } from './pipeline-overview';
import { PipelineSettings } from './pipeline-settings';
import { PipelineSettingsRepository } from './pipeline-settings.repository';
import { PipelineStandings } from './pipeline-standings';

/** Who may run which pipeline, and which are off. */
@Module({
  imports: [ConfigModule, DatabaseModule, GroupsModule, MembersModule, PipelinesModule, QueueModule, UsersModule],
  providers: [
    AccessNames,
    KnownPipelinesRepository,
    LivingRunners,
    Newcomers,
    PipelineOverview,
    PipelineSettings,
    PipelineSettingsRepository,
    PipelineStandings,
  ],
  exports: [AccessNames, PipelineOverview, PipelineSettings, PipelineSettingsRepository, PipelineStandings],
})
export class PipelineSettingsModule {}
