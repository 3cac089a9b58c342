import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { FilePagesModule } from '../../files/file-pages.module';
import { ProjectPagesModule } from '../../projects/project-pages.module';
import { UploadPagesModule } from '../../uploads/upload-pages.module';
import { Entries } from './entries';
import { ApiFileChangesController } from './file-changes.controller';
import { ApiFilesController } from './files.controller';
import { ProjectTouch } from './project-touch';
import { ApiUploadsController } from './uploads.controller';

/** Files of projects, for programs: looked at, changed and uploaded. */
@Module({
  imports: [CommonModule, FilePagesModule, ProjectPagesModule, UploadPagesModule],
  controllers: [ApiFilesController, ApiFileChangesController, ApiUploadsController],
  providers: [Entries, ProjectTouch],
})
export class ApiFilesModule {}
