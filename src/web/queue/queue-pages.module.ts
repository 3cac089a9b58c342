import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { LogModule } from '../show/log/log.module';
import { ComingStarts } from './coming-starts';
import { FailureCauses } from './failure-causes';
import { QueueListsRepository } from './queue-lists.repository';
import { QueueController } from './queue.controller';
import { QueuePage } from './queue-page.service';
import { RunCancelling } from './run-cancelling';
import { RunOrigins } from './run-origins';
import { RunRows } from './run-rows.service';
import { RunSteering } from './run-steering';
import { SweepLines } from './sweep-lines';
import { ToldRows } from './told-rows';
import { WaitingAlarms } from './waiting-alarms';

/** The queue page and the cancelling of runs. */
@Module({
  imports: [CommonModule, AccessModule, AdmissionModule, LogModule],
  controllers: [QueueController],
  providers: [
    ComingStarts,
    FailureCauses,
    QueueListsRepository,
    RunCancelling,
    RunOrigins,
    RunRows,
    RunSteering,
    SweepLines,
    ToldRows,
    WaitingAlarms,
    QueuePage,
  ],
  exports: [QueueListsRepository, QueuePage, RunCancelling, RunRows, RunSteering, SweepLines, WaitingAlarms],
})
export class QueuePagesModule {}
