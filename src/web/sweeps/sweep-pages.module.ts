import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { SweepPage } from './sweep-page.view';
import { SweepResults } from './sweep-results';
import { SweepsController } from './sweeps.controller';

/** The pages of runs that were asked for together. */
@Module({
  imports: [CommonModule, AccessModule, AdmissionModule, ShowModule],
  controllers: [SweepsController],
  providers: [SweepPage, SweepResults],
})
export class SweepPagesModule {}
