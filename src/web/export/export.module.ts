import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ArchivesModule } from '../archives/archives.module';
import { AccountExport } from './account-export';
import { AccountRecords } from './account-records';
import { ExportController } from './export.controller';
import { RunRecordsOfPerson } from './run-records';
import { SharingRecords } from './sharing-records';
import { StandingRecords } from './standing-records';
import { WaysInRecords } from './ways-in-records';

/** Everything that somebody has here, as one archive. */
@Module({
  imports: [CommonModule, ArchivesModule],
  controllers: [ExportController],
  exports: [AccountExport],
  providers: [AccountExport, AccountRecords, RunRecordsOfPerson, SharingRecords, StandingRecords, WaysInRecords],
})
export class ExportModule {}
