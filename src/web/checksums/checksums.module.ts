import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ChecksumsController } from './checksums.controller';
import { FileChecksums } from './file-checksums';

/** Checksums of files, for their own pages and for others that show files. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [ChecksumsController],
  providers: [FileChecksums],
  exports: [FileChecksums],
})
export class ChecksumsModule {}
