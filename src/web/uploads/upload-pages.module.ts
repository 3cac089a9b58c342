import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { FollowingDigests } from './following-digests';
import { TusUploads } from './tus-uploads';
import { UnfinishedUploads } from './unfinished-uploads';
import { UploadCreation } from './upload-creation';
import { UploadDestination } from './upload-destination';
import { UploadFolders } from './upload-folders';
import { UploadLocks } from './upload-locks';
import { UploadStore } from './upload-store';
import { UploadsController } from './uploads.controller';

/** Resumable uploads. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [UploadsController],
  providers: [FollowingDigests, TusUploads, UnfinishedUploads, UploadCreation, UploadDestination, UploadFolders, UploadLocks, UploadStore],
  exports: [TusUploads, UnfinishedUploads, UploadFolders],
})
export class UploadPagesModule {}
