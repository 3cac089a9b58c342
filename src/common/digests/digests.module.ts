import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { DigestWorkers } from './digest-workers';
import { FileDigests } from './file-digests';
import { FileDigestsRepository } from './file-digests.repository';

/** Checksums of files. */
@Module({ imports: [DatabaseModule], providers: [DigestWorkers, FileDigests, FileDigestsRepository], exports: [FileDigests] })
export class DigestsModule {}
