import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { RunFolders } from '../../common/files/run-folders';
import { isHeld } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { sendFile } from './file-response';
import { RunLog } from './run-log';

const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** The log of a run: all of it as a file, or what came since a byte, for a page that follows it. */
@Controller('runs/:run/log')
export class RunLogController {
  constructor(
    private readonly folders: RunFolders,
    private readonly log: RunLog,
  ) {}

  /**
   * @param from byte offset: answers JSON `{ lines: [{ text, tone }], unfinished, next, skipped, grows }` from there on.
   * @param attempt an earlier one; the last by default.
   */
  @Get()
  @Access('runReader')
  async read(@CurrentRun() run: Run, @Query() query: Record<string, unknown>, @Res() response: Response): Promise<void> {
    const attempt = wholeNumber(query['attempt'], run.attempt);
    if (attempt > run.attempt) throw new InvalidInputError('show.noSuchAttempt');
    if (query['from'] !== undefined) {
      const news = await this.log.since({ id: run.id, attempt }, wholeNumber(query['from'], 0));
      response.set('Cache-Control', 'no-store').json({ ...news, attempt: run.attempt, grows: isHeld(run.state) });
      return;
    }
    const file = await this.folders.openLog(run.id, attempt);
    if (file)
      await sendFile(response, { file, name: `run-${run.id}.log`, contentType: PLAIN_TEXT, inline: query['download'] === undefined });
    else response.type(PLAIN_TEXT).send('');
  }
}

function wholeNumber(value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) throw new InvalidInputError('errors.badRequest');
  return Number(value);
}
