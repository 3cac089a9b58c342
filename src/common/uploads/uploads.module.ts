import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { DigestsModule } from '../digests/digests.module';
import { FilesModule } from '../files/files.module';
import { ProjectsModule } from '../projects/projects.module';
import { SpaceModule } from '../space/space.module';
import { TrashModule } from '../trash/trash.module';
import { UploadFiles } from './upload-files';
import { UploadFinish } from './upload-finish';
import { UploadsRepository } from './uploads.repository';

const PROVIDERS = [UploadFiles, UploadFinish, UploadsRepository];

/** Files on their way into projects, as web and cleaner see them. */
@Module({
  imports: [DatabaseModule, DigestsModule, FilesModule, ProjectsModule, SpaceModule, TrashModule],
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class UploadsModule {}
