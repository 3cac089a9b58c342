import { Module } from '@nestjs/common';
import { DigestsModule } from '../digests/digests.module';
import { FileTasksModule } from '../file-tasks/file-tasks.module';
import { FilesModule } from '../files/files.module';
import { ProjectsModule } from '../projects/projects.module';
import { SpaceModule } from '../space/space.module';
import { TrashModule } from '../trash/trash.module';
import { CopyKind } from './copy-kind';
import { FileCopies } from './file-copies';

const ROOMS = [DigestsModule, FileTasksModule, FilesModule, ProjectsModule, SpaceModule, TrashModule];

/** Copies of files within a project, small ones at once and large ones as work outside of requests. */
@Module({ imports: ROOMS, providers: [CopyKind, FileCopies], exports: [FileCopies] })
export class CopiesModule {}
