import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { TusUploads } from './tus-uploads';
import { UploadCreation } from './upload-creation';
import { UploadDestination } from './upload-destination';
import { UploadLocks } from './upload-locks';
import { UploadStore } from './upload-store';
import { UploadsController } from './uploads.controller';

/** Resumable uploads. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [UploadsController],
  providers: [TusUploads, UploadCreation, UploadDestination, UploadLocks, UploadStore],
})
export class UploadPagesModule {}
