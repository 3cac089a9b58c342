import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject, CurrentRun } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { RunRepeat } from './run-repeat';
import { submissionOf } from '../admission/submission-key';

/** A run once more, with the same pipeline, values and files, without a form. Where one of them is not the same any more the form says so. */
@Controller('runs/:run/again')
export class RunAgainController {
  constructor(private readonly repeat: RunRepeat) {}

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
    const asked = await this.repeat.again(person, project, run, submissionOf(form));
    if (typeof asked === 'number') {
      tellAudit(request, { object: { kind: 'run', id: asked, name: run.pipelineTitle }, details: { again: run.id } });
      return redirect(response, `/runs/${asked}`);
    }
    tellAudit(request, { isNothing: true });
    flash(request, 'warn', asked.key, asked.values);
    redirect(response, `/projects/${project.id}/run/${encodeURIComponent(run.pipelineId)}?from=${run.id}`);
  }
}
