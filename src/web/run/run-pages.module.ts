import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AdmissionModule } from '../admission/admission.module';
import { AccessModule } from '../http/access/access.module';
import { SpacePagesModule } from '../space/space-pages.module';
import { ShowModule } from '../show/show.module';
import { ChoosePipelineController } from './choose-pipeline.controller';
import { ColumnNames } from './column-names';
import { EarlierRuns } from './earlier-runs';
import { FilePaths } from './file-paths';
import { FollowedRuns } from './followed-runs';
import { FormPrefill } from './form-prefill';
import { FormPresets } from './form-presets';
import { FoundFilesController } from './found-files.controller';
import { FormSources } from './form-sources';
import { InputFiles } from './input-files';
import { NameLists } from './name-lists';
import { PresetsController } from './presets.controller';
import { RunAgain } from './run-again';
import { RunAgainController } from './run-again.controller';
import { RunFormController } from './run-form.controller';
import { RunFormViews } from './run-form.view';
import { RunRepeat } from './run-repeat';
import { RunSubmission } from './run-submission';
import { SweepSubmission } from './sweep-submission';
import { SourcesController } from './sources.controller';
import { StartOutlook } from './start-outlook';

/** Choosing a pipeline, filling in its form, sending it. */
@Module({
  imports: [CommonModule, AccessModule, AdmissionModule, ShowModule, SpacePagesModule],
  controllers: [
    ChoosePipelineController,
    RunFormController,
    PresetsController,
    RunAgainController,
    SourcesController,
    FoundFilesController,
  ],
  providers: [
    ColumnNames,
    EarlierRuns,
    FilePaths,
    FollowedRuns,
    FormPrefill,
    FormPresets,
    FormSources,
    InputFiles,
    NameLists,
    RunAgain,
    RunFormViews,
    RunRepeat,
    RunSubmission,
    StartOutlook,
    SweepSubmission,
  ],
  exports: [EarlierRuns, FollowedRuns, FormPresets, FormSources, RunFormViews, RunRepeat, RunSubmission, SweepSubmission],
})
export class RunPagesModule {}
