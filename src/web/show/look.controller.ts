import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isFinal, isHeld } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentGrant, CurrentRun } from '../http/access/current';
import type { Grant } from '../http/access/policy';
import { lookAddress, signatureOfRun } from './run-look';
import { RunResults } from './run-results';
import { ShownResults } from './shown-results';

const NO_CONTENT = 204;
const RESET_CONTENT = 205;

/** What the open page of a run that is not over asks every few seconds, also by a link: it is cheap, and mostly says that nothing is new. */
@Controller('runs/:run')
export class LookController {
  constructor(
    private readonly shown: ShownResults,
    private readonly results: RunResults,
  ) {}

  /** 205: the run has moved on, so the page is to be fetched. 204: nothing is new. Else its results as they are now. */
  @Get('look')
  @Access('runViewer')
  async look(
    @CurrentRun() run: Run,
    @CurrentGrant() grant: Grant | null,
    @Query('run') knownRun: unknown,
    @Query('results') known: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    if (isFinal(run.state) || knownRun !== signatureOfRun(run)) return void response.status(RESET_CONTENT).end();
    if (!isHeld(run.state) || !request.project) return void response.status(NO_CONTENT).end();
    const { view, signature } = await this.shown.of(run);
    if (signature === known) return void response.status(NO_CONTENT).end();
    response.render('show/look', {
      run: { id: run.id },
      results: view,
      zipHref: this.results.zipAddress(run),
      lookHref: lookAddress(run, signature),
      sharedUntilMs: grant?.expiresMs ?? null,
    });
  }
}
