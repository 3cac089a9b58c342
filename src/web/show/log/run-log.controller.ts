import { Controller, Get, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { NotFoundError } from '../../../common/errors';
import { RunFolders } from '../../../common/files/run-folders';
import { isHeld } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentRun } from '../../http/access/current';
import { sendFile } from '../file-response';
import { projectWay } from '../project-way';
import { LogPage, type LogPageView } from './log-page.service';
import { isWhole, logKeyOf, placeOf, soughtOf, wholeNumber, type Query as LogQuery } from './log-query';
import { logAnswer } from './log.view';
import { RunLog, WHOLE_ROW } from './run-log';

const PLAIN_TEXT = 'text/plain; charset=utf-8';
const MOST_ROWS = 500;
const MOST_HITS = 1000;
/** Each is counted by itself, so they are few. */
const MOST_HITS_BACKWARDS = 5;

/** The log of a run: a page that shows any part of it, rows and hits for its script, and the file. `attempt` chooses an earlier one. */
@Controller('runs/:run/log')
export class RunLogController {
  constructor(
    private readonly folders: RunFolders,
    private readonly log: RunLog,
    private readonly page: LogPage,
  ) {}

  /** `line`, `at` or `before` say where; `q` (with `expression`) or `errors` what to look for, `searched` from which byte on. */
  @Get()
  @Access('runViewer')
  @Render('show/log')
  async show(@CurrentRun() run: Run, @Query() query: LogQuery, @Req() request: Request): Promise<LogPageView & { isShared: boolean }> {
    const asked = { place: placeOf(query), isWhole: isWhole(query), sought: soughtOf(query), from: wholeNumber(query, 'searched') ?? 0 };
    const project = request.project ?? null;
    const above = project && { name: project.name, href: projectWay(project, request.grant ?? null) };
    return { ...(await this.page.show(run, above, logKeyOf(run, query), asked)), isShared: request.grant !== undefined };
  }

  /**
   * Rows: `at`, `before` or `line` say where, else the end; `most` how many; `whole` gives one row in all its width.
   * @returns `LogAnswer` with `lines`, `cut`, `attempt` (the last there is) and `grows`.
   */
  @Get('rows')
  @Access('runViewer')
  async rows(@CurrentRun() run: Run, @Query() query: LogQuery, @Res() response: Response): Promise<void> {
    const key = logKeyOf(run, query);
    const most = Math.min(wholeNumber(query, 'most') ?? MOST_ROWS, MOST_ROWS);
    const block = await this.log.rows(key, placeOf(query), isWhole(query) ? WHOLE_ROW : { most });
    if (!block) throw new NotFoundError('log.noSuchLine', { line: Number(query['line']) });
    const { lines, cut } = await this.log.facts(key);
    response.set('Cache-Control', 'no-store').json({ ...logAnswer(block), lines, cut, attempt: run.attempt, grows: isHeld(run.state) });
  }

  /** Hits from the byte `from` on, or back from it with `backwards`; ends with the request of somebody who has gone. */
  @Get('search')
  @Access('runViewer')
  async search(@CurrentRun() run: Run, @Query() query: LogQuery, @Res() response: Response): Promise<void> {
    const backwards = query['backwards'] !== undefined;
    const sought = soughtOf(query) ?? { kind: 'words' as const, words: '' };
    const most = Math.max(1, Math.min(wholeNumber(query, 'most') ?? MOST_HITS, backwards ? MOST_HITS_BACKWARDS : MOST_HITS));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const wish = { sought, from: wholeNumber(query, 'from') ?? 0, backwards, most };
    const result = await this.log.search(logKeyOf(run, query), wish, gone.signal);
    response.set('Cache-Control', 'no-store').json(result);
  }

  /** The log as it was written; `?download` hands it out even where a browser could show it. */
  @Get('file')
  @Access('runViewer')
  async file(@CurrentRun() run: Run, @Query() query: LogQuery, @Res() response: Response): Promise<void> {
    const { runId, attempt } = logKeyOf(run, query);
    const file = await this.folders.openLog(runId, attempt);
    const name = attempt === run.attempt ? `run-${run.id}.log` : `run-${run.id}-attempt-${attempt}.log`;
    if (file) await sendFile(response, { file, name, contentType: PLAIN_TEXT, inline: query['download'] === undefined });
    else response.type(PLAIN_TEXT).send('');
  }
}
