import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { ShowModule } from '../show/show.module';
import { SweepPage } from './sweep-page.view';
import { SweepResults } from './sweep-results';
import { SweepSteps } from './sweep-steps';
import { SweepsController } from './sweeps.controller';

/** The pages of runs that were asked for together. */
@Module({
  imports: [CommonModule, AccessModule, AdmissionModule, QueuePagesModule, ShowModule],
  controllers: [SweepsController],
  providers: [SweepPage, SweepResults, SweepSteps],
  exports: [SweepSteps],
})
export class SweepPagesModule {}
