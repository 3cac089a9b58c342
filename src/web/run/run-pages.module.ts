import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ChoosePipelineController } from './choose-pipeline.controller';
import { EarlierRuns } from './earlier-runs';
import { InputFiles } from './input-files';
import { RunFormController } from './run-form.controller';
import { RunFormViews } from './run-form.view';
import { RunSubmission } from './run-submission';
import { SweepSubmission } from './sweep-submission';
import { StartOutlook } from './start-outlook';

/** Choosing a pipeline, filling in its form, sending it. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [ChoosePipelineController, RunFormController],
  providers: [EarlierRuns, InputFiles, RunFormViews, RunSubmission, StartOutlook, SweepSubmission],
})
export class RunPagesModule {}
