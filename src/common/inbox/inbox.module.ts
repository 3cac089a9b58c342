import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { FileTasksModule } from '../file-tasks/file-tasks.module';
import { FileReferences } from '../files/file-references';
import { FilesModule } from '../files/files.module';
import { ProjectsModule } from '../projects/projects.module';
import { QueueModule } from '../queue/queue.module';
import { UsersModule } from '../users/users.module';
import { InboxLinks } from './inbox-links';
import { InboxLinksRepository } from './inbox-links.repository';
import { InboxUse } from './inbox-use';
import { Inboxes } from './inboxes';

const SHARED = [FileReferences, Inboxes, InboxLinks, InboxLinksRepository, InboxUse];

/** The inbox as people reach it, what projects use of it without a copy, and how references to inputs lead there. */
@Module({
  imports: [ConfigModule, DatabaseModule, FilesModule, FileTasksModule, ProjectsModule, QueueModule, UsersModule],
  providers: SHARED,
  exports: SHARED,
})
export class InboxModule {}
