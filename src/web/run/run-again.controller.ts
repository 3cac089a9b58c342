import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ConflictError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Project } from '../../common/projects/project.entity';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject, CurrentRun } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { RunRecords, type RunRecord } from '../show/run-records';
import { EarlierRuns } from './earlier-runs';
import { RunAgain, type Obstacle } from './run-again';
import { RunSubmission } from './run-submission';
import { submissionOf } from '../admission/submission-key';

/** A run once more, with the same pipeline, values and files, without a form. Where one of them is not the same any more the form says so. */
@Controller('runs/:run/again')
export class RunAgainController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly records: RunRecords,
    private readonly earlier: EarlierRuns,
    private readonly submission: RunSubmission,
    private readonly sameness: RunAgain,
  ) {}

  /** `submission` is a UUID of the page, so that a double click makes one run. */
  @Post()
  @Audited('run.start-again')
  @Access('projectRunner')
  async again(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (!isFinal(run.state)) throw new ConflictError('show.notOver');
    const pipeline = await this.pipelines.require(person, run.pipelineId);
    const record = await this.records.of(run, 1);
    const obstacle = await this.sameness.obstacle(pipeline, run, record);
    const asked = obstacle ?? (await this.ask(person, { project, pipeline, run, record }, submissionOf(form)));
    if (typeof asked === 'number') {
      tellAudit(request, { object: { kind: 'run', id: asked, name: run.pipelineTitle }, details: { again: run.id } });
      return redirect(response, `/runs/${asked}`);
    }
    tellAudit(request, { isNothing: true });
    flash(request, 'warn', asked.key, asked.values);
    redirect(response, `/projects/${project.id}/run/${encodeURIComponent(run.pipelineId)}?from=${run.id}`);
  }

  /** @returns the number of the new run, or that the form has something to say about the values. */
  private async ask(
    person: User,
    { project, pipeline, run, record }: { project: Project; pipeline: Pipeline; run: Run; record: RunRecord },
    submission: string,
  ): Promise<number | Obstacle> {
    const refusal: Obstacle = { key: 'show.againRefused', values: { number: run.id } };
    const earlier = await this.earlier.entriesOf(person, pipeline.manifest, String(run.id));
    if (!earlier) return refusal;
    // Which image has the name is known to the runner alone, which looks before it starts anything.
    const exactly = record.image ? { sameImage: { run: run.id, digest: record.image.digest } } : {};
    const outcome = await this.submission.submit(person, project, pipeline, submission, earlier.entered, exactly);
    return outcome.ok ? outcome.runId : refusal;
  }
}
