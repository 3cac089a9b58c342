import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { LineNumbers } from './line-numbers';
import { LogScans } from './log-scans';
import { LogSearch } from './log-search';
import { RunLog } from './run-log';

/** Reading the logs of runs, wherever something is said of them. */
@Module({
  imports: [CommonModule],
  providers: [LineNumbers, LogScans, LogSearch, RunLog],
  exports: [LineNumbers, LogScans, LogSearch, RunLog],
})
export class LogModule {}
