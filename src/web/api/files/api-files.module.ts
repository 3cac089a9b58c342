import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { ArchivesModule } from '../../archives/archives.module';
import { ImportsModule } from '../../../common/imports/imports.module';
import { ChecksumsModule } from '../../checksums/checksums.module';
import { FilePagesModule } from '../../files/file-pages.module';
import { InboxPagesModule } from '../../inbox/inbox-pages.module';
import { ProjectPagesModule } from '../../projects/project-pages.module';
import { UploadPagesModule } from '../../uploads/upload-pages.module';
import { ApiChecksumsController } from './checksums.controller';
import { Entries } from './entries';
import { ApiFileChangesController } from './file-changes.controller';
import { ApiFileTasksController } from './file-tasks.controller';
import { ApiFilesController } from './files.controller';
import { ApiInboxController } from './inbox.controller';
import { ProjectTouch } from './project-touch';
import { ApiTrashController } from './trash.controller';
import { ApiUploadsController } from './uploads.controller';
import { ApiZipController } from './zip.controller';

/** Files of projects, for programs: looked at, changed and uploaded. */
@Module({
  imports: [
    CommonModule,
    ArchivesModule,
    ChecksumsModule,
    FilePagesModule,
    ImportsModule,
    InboxPagesModule,
    ProjectPagesModule,
    UploadPagesModule,
  ],
  controllers: [
    ApiFilesController,
    ApiChecksumsController,
    ApiFileChangesController,
    ApiFileTasksController,
    ApiInboxController,
    ApiTrashController,
    ApiUploadsController,
    ApiZipController,
  ],
  providers: [Entries, ProjectTouch],
})
export class ApiFilesModule {}
