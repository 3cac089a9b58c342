import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { QueueModule } from '../queue/queue.module';
import { SpaceModule } from '../space/space.module';
import { ProjectCreation } from './project-creation';
import { ProjectRunsRepository } from './project-runs.repository';
import { ProjectsRepository } from './projects.repository';
import { SampleProject } from './sample-project';

const PROVIDERS = [ProjectsRepository, ProjectRunsRepository, ProjectCreation, SampleProject];

/** The rows of projects, and what makes a project. */
@Module({ imports: [ConfigModule, DatabaseModule, FilesModule, QueueModule, SpaceModule], providers: PROVIDERS, exports: PROVIDERS })
export class ProjectsModule {}
