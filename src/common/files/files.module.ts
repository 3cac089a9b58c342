import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DerivedFiles } from './derived-files';
import { Disks } from './disks';
import { FolderIndexes } from './threads/folder-indexes';
import { InboxFiles } from './inbox-files';
import { PersonalInboxes } from './personal-inboxes';
import { OutboxFiles } from './outbox-files';
import { ProjectContents } from './project-contents';
import { ProjectFiles } from './project-files';
import { ProjectPictures } from './project-pictures';
import { RunFolders } from './run-folders';
import { TreeManifests } from './threads/tree-manifests';
import { TreeReader } from './threads/tree-reader';

const PLACES = [
  DerivedFiles,
  Disks,
  FolderIndexes,
  InboxFiles,
  OutboxFiles,
  PersonalInboxes,
  ProjectContents,
  ProjectFiles,
  ProjectPictures,
  RunFolders,
  TreeManifests,
  TreeReader,
];

/** The places where files lie; every path of every process is made here. */
@Module({ imports: [ConfigModule], providers: PLACES, exports: PLACES })
export class FilesModule {}
