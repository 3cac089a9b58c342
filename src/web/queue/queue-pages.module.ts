import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { ComingStarts } from './coming-starts';
import { QueueListsRepository } from './queue-lists.repository';
import { QueueController } from './queue.controller';
import { QueuePage } from './queue-page.service';
import { RunCancelling } from './run-cancelling';
import { RunOrigins } from './run-origins';
import { RunRows } from './run-rows.service';
import { RunSteering } from './run-steering';
import { SweepLines } from './sweep-lines';
import { WaitingAlarms } from './waiting-alarms';

/** The queue page and the cancelling of runs. */
@Module({
  imports: [CommonModule, AccessModule, AdmissionModule],
  controllers: [QueueController],
  providers: [ComingStarts, QueueListsRepository, RunCancelling, RunOrigins, RunRows, RunSteering, SweepLines, WaitingAlarms, QueuePage],
  exports: [QueuePage, RunCancelling, RunRows, RunSteering, SweepLines, WaitingAlarms],
})
export class QueuePagesModule {}
