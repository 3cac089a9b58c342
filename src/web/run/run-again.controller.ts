import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AppConfig } from '../../common/config/app-config';
import type { Pipeline } from '../../common/pipelines/manifest';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import { pipelineDigest } from '../../common/pipelines/pipeline-digest';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import type { TextKey } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { RunRecords, type RunRecord } from '../show/run-records';
import { EarlierRuns } from './earlier-runs';
import { RunSubmission } from './run-submission';
import { submissionOf } from '../admission/submission-key';

/** A run once more, with the same pipeline, values and files, without a form. Where one of them is not the same any more the form says so. */
@Controller('runs/:run/again')
export class RunAgainController {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly records: RunRecords,
    private readonly earlier: EarlierRuns,
    private readonly submission: RunSubmission,
    private readonly config: AppConfig,
  ) {}

  /** `submission` is a UUID of the page, so that a double click makes one run. */
  @Post()
  @Access('projectOwner')
  async again(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const pipeline = await this.catalogue.require(run.pipelineId);
    const record = await this.records.of(run, 1);
    const obstacle = await this.obstacle(pipeline, record);
    const runId = obstacle ? null : await this.ask(person, project, pipeline, run, submissionOf(form));
    if (runId !== null) return redirect(response, `/runs/${runId}`);
    flash(request, 'warn', obstacle ?? 'show.againRefused', { number: run.id });
    redirect(response, `/projects/${project.id}/run/${encodeURIComponent(run.pipelineId)}?from=${run.id}`);
  }

  /** Why it would not be the same; null where nothing is known to differ. */
  private async obstacle(pipeline: Pipeline, { manifest, inputs }: RunRecord): Promise<TextKey | null> {
    const now = await pipelineDigest(pipeline, this.config.settings.PIPELINES_DIR);
    if (manifest.digest?.sha256 !== now.sha256) return 'show.againOtherPipeline';
    return inputs && inputs.changed > 0 ? 'show.againOtherFiles' : null;
  }

  /** @returns null when the form has something to say about the values. */
  private async ask(person: User, project: Project, pipeline: Pipeline, run: Run, submission: string): Promise<number | null> {
    const earlier = await this.earlier.entriesOf(person, pipeline.manifest, String(run.id));
    if (!earlier) return null;
    const outcome = await this.submission.submit(person, project, pipeline, submission, earlier.entered);
    return outcome.ok ? outcome.runId : null;
  }
}
