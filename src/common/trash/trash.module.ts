import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { FileUses } from '../files/file-uses';
import { FilesModule } from '../files/files.module';
import { PutInPlace } from '../files/put-in-place';
import { ProjectsModule } from '../projects/projects.module';
import { QueueModule } from '../queue/queue.module';
import { SpaceModule } from '../space/space.module';
import { Trash } from './trash';
import { TrashRepository } from './trash.repository';

const PROVIDERS = [FileUses, PutInPlace, Trash, TrashRepository];

/** What changes the files of a project: what is in use, what was deleted, and how something new gets its name. */
@Module({ imports: [DatabaseModule, FilesModule, ProjectsModule, QueueModule, SpaceModule], providers: PROVIDERS, exports: PROVIDERS })
export class TrashModule {}
