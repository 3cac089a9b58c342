import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { KeepLonger } from '../../../common/cleaning/keep-longer';
import { ConflictError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import type { User } from '../../../common/users/user.entity';
import { CrateAnswers } from '../../crates/crate-answers';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject, CurrentRun } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { ZIP, ZIP_PART } from '../files/zip-schemas';
import { isoTimeOrNull } from './run-schemas';

const keepOrder = z.strictObject({ keep: says(z.boolean().default(true), 'apiWork.keep') });
const keptSchema = z
  .object({
    isKept: says(z.boolean(), 'apiWork.isKept'),
    until: says(z.iso.datetime().nullable(), 'apiWork.keptUntil'),
  })
  .meta({ id: 'KeptRun' });

/** Keeping a run: from the cleaner, and as an archive of one's own. */
@Controller(`${API_ROOT}/runs/:run`)
export class ApiRunKeepingController {
  constructor(
    private readonly keeping: KeepLonger,
    private readonly runs: RunsRepository,
    private readonly crates: CrateAnswers,
  ) {}

  /** As the page of the run does it: as long as the settings let an owner. */
  @Post('keep')
  @Api({ area: 'runs', summary: 'apiWork.keepRun', scope: 'files', body: keepOrder, answer: keptSchema, example: { body: { keep: true } } })
  @Audited('run.keep')
  @Access('runKeeper')
  async keep(
    @CurrentRun() run: Run,
    @ApiBody() { keep }: z.infer<typeof keepOrder>,
    @Req() request: Request,
  ): Promise<z.infer<typeof keptSchema>> {
    if (run.finishedMs === null) throw new ConflictError('show.notOver');
    tellAudit(request, { details: { keep } });
    const isDone = keep ? await this.keeping.keepAsOwner(run) : (await this.keeping.keepRun(run.id, 'asUsual')) === 'let_go';
    if (!isDone) throw new ConflictError('operations.keptTooLate', { number: run.id });
    const { keep: forEver, keepUntilMs } = (await this.runs.find(run.id)) ?? run;
    return { isKept: forEver || keepUntilMs !== null, until: forEver ? null : isoTimeOrNull(keepUntilMs) };
  }

  @Get('crate')
  @Api({ area: 'runs', summary: 'apiWork.crate', scope: 'read', answer: ZIP, ...ZIP_PART })
  @Access('runReader')
  crate(
    @CurrentPerson() { id: reader }: User,
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.crates.send(project, run, reader, request, response);
  }
}
