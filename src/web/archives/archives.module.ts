import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { FilePagesModule } from '../files/file-pages.module';
import { AccessModule } from '../http/access/access.module';
import { ArchivesController } from './archives.controller';
import { ZipAnswers } from './download/zip-answers';
import { ZipController } from './download/zip.controller';
import { ZipDownloads } from './download/zip-downloads';
import { ExtractKind } from './extract/extract.kind';
import { Extraction } from './extract/extraction';

/** Zip archives: unpacking those that lie in projects, and downloads of many files as one. */
@Module({
  imports: [CommonModule, AccessModule, FilePagesModule],
  controllers: [ArchivesController, ZipController],
  exports: [Extraction, ZipAnswers, ZipDownloads],
  providers: [ExtractKind, Extraction, ZipAnswers, ZipDownloads],
})
export class ArchivesModule {}
