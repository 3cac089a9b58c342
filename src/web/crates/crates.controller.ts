import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentProject, CurrentRun, Visitor } from '../http/access/current';
import { CrateAnswers } from './crate-answers';

/** A run as an RO-Crate: its results, its pipeline, and metadata that other programs understand, in one zip archive. */
@Controller('runs/:run/crate')
export class CratesController {
  constructor(private readonly answers: CrateAnswers) {}

  @Get()
  @Access('runViewer')
  download(
    @CurrentProject() project: Project,
    @CurrentRun() run: Run,
    @Visitor() person: User | null,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.answers.send(project, run, person?.id ?? request.grant?.id ?? '', request, response);
  }
}
