import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { DigestsModule } from '../digests/digests.module';
import { FilesModule } from '../files/files.module';
import { SpaceModule } from '../space/space.module';
import { FileTaskKinds } from './file-task-kind';
import { FileTasks } from './file-tasks';
import { FileTasksRepository } from './file-tasks.repository';
import { TaskLedger } from './task-ledger';
import { TaskRecovery } from './task-recovery';
import { TaskStaging } from './task-staging';

const PROVIDERS = [FileTaskKinds, FileTasks, FileTasksRepository, TaskLedger, TaskRecovery, TaskStaging];

/** Long work on files: asking for it, and clearing up. `FileTaskPoolModule` carries it out. */
@Module({ imports: [DatabaseModule, DigestsModule, FilesModule, SpaceModule], providers: PROVIDERS, exports: PROVIDERS })
export class FileTasksModule {}
