import { Module } from '@nestjs/common';
import { FileTasksModule } from '../file-tasks/file-tasks.module';
import { FilesModule } from '../files/files.module';
import { InboxModule } from '../inbox/inbox.module';
import { ProjectsModule } from '../projects/projects.module';
import { SpaceModule } from '../space/space.module';
import { TrashModule } from '../trash/trash.module';
import { UsersModule } from '../users/users.module';
import { ImportKind } from './import-kind';
import { ImportTarget } from './import-target';
import { InboxImports } from './inbox-imports';
import { Originals } from './originals';

const ROOMS = [FileTasksModule, FilesModule, InboxModule, ProjectsModule, SpaceModule, TrashModule, UsersModule];

/** What brings files from the inbox into projects. */
@Module({ imports: ROOMS, providers: [ImportKind, ImportTarget, InboxImports, Originals], exports: [InboxImports] })
export class ImportsModule {}
