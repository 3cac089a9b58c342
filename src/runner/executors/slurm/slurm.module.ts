import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { JobEndings } from './job-endings';
import { JobObserver } from './job-observer';
import { JobTable } from './job-table';
import { SlurmExecutor } from './slurm-executor';
import { SlurmNames } from './slurm-names';
import { SlurmTools } from './slurm-tools';
import { Watches } from './watches';

@Module({
  imports: [CommonModule],
  providers: [JobEndings, JobObserver, JobTable, SlurmExecutor, SlurmNames, SlurmTools, Watches],
  exports: [SlurmExecutor],
})
export class SlurmModule {}
