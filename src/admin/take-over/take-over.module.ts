import { Module } from '@nestjs/common';
import { AuditModule } from '../../common/audit/audit.module';
import { ConfigModule } from '../../common/config/config.module';
import { DatabaseModule } from '../../common/database/database.module';
import { ExternalUsersModule } from '../../common/external-users/external-users.module';
import { FilesModule } from '../../common/files/files.module';
import { PipelinesModule } from '../../common/pipelines/pipelines.module';
import { ProjectsModule } from '../../common/projects/projects.module';
import { QueueModule } from '../../common/queue/queue.module';
import { SpaceModule } from '../../common/space/space.module';
import { UsersModule } from '../../common/users/users.module';
import { PeopleTaking } from './people-taking';
import { Planner } from './planner';
import { ProjectMoves } from './project-moves';
import { ProjectTaking } from './project-taking';
import { RunTaking } from './run-taking';
import { ScriptRunnerTakeOver } from './script-runner-take-over';
import { ScriptRunnerTaking } from './script-runner-taking';
import { Steps } from './steps';
import { TakeOver } from './take-over';
import { TakenRunsRepository } from './taken-runs.repository';

/** People, projects and runs of an installation of PyShowwwcase, or people and runs of ScriptRunner, without a copy of anything. */
@Module({
  imports: [
    AuditModule,
    ConfigModule,
    DatabaseModule,
    ExternalUsersModule,
    FilesModule,
    PipelinesModule,
    ProjectsModule,
    QueueModule,
    SpaceModule,
    UsersModule,
  ],
  providers: [
    PeopleTaking,
    Planner,
    ProjectMoves,
    ProjectTaking,
    RunTaking,
    ScriptRunnerTakeOver,
    ScriptRunnerTaking,
    Steps,
    TakenRunsRepository,
    TakeOver,
  ],
})
export class TakeOverModule {}
