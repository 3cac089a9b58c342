import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DigestsModule } from '../digests/digests.module';
import { FilesModule } from '../files/files.module';
import { ProjectsModule } from '../projects/projects.module';
import { OutputNotes } from './output-notes';

/** What runs have left, with its checksums. */
@Module({ imports: [ConfigModule, DigestsModule, FilesModule, ProjectsModule], providers: [OutputNotes], exports: [OutputNotes] })
export class OutputsModule {}
