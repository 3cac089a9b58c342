import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { FileReferences } from './file-references';
import { InboxFiles } from './inbox-files';
import { OutboxFiles } from './outbox-files';
import { ProjectFiles } from './project-files';
import { RunFolders } from './run-folders';

const PLACES = [FileReferences, InboxFiles, OutboxFiles, ProjectFiles, RunFolders];

/** The places where files lie; every path of every process is made here. */
@Module({ imports: [ConfigModule], providers: PLACES, exports: PLACES })
export class FilesModule {}
