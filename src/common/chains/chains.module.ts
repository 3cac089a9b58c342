import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { ChainInputs } from './chain-inputs';
import { ResultFiles } from './result-files';
import { RunLinksRepository } from './run-links.repository';

/** Runs that start when another one has succeeded, with its results. */
@Module({
  imports: [DatabaseModule, FilesModule],
  providers: [ChainInputs, ResultFiles, RunLinksRepository],
  exports: [ChainInputs, ResultFiles, RunLinksRepository],
})
export class ChainsModule {}
