import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import { RunFolders } from '../../../common/files/run-folders';
import { noteInWords } from '../../../common/queue/note-words';
import { isFinal, RUN_STATES } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentRun } from '../../http/access/current';
import { RunStreams } from '../../live/run-streams';
import { LogFile } from '../../show/log/log-file';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime } from './run-schemas';

const eventsSchema = z.object({
  items: z.array(
    z
      .object({
        id: z.int(),
        at: z.iso.datetime(),
        from: says(z.enum(RUN_STATES).nullable(), 'api.eventFrom'),
        to: z.enum(RUN_STATES),
        attempt: z.int(),
        runner: z.string().nullable(),
        note: says(z.string(), 'api.eventNote'),
      })
      .meta({ id: 'RunEvent' }),
  ),
  next: z.null(),
});

/** So much of a log is one answer. */
const MOST_BYTES = 1024 * 1024;
const logQuery = z.strictObject({
  offset: says(z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0), 'api.logOffset'),
  limit: says(z.coerce.number().int().min(1).max(MOST_BYTES).default(MOST_BYTES), 'api.logLimit'),
  attempt: says(z.coerce.number().int().min(0).max(1_000_000).optional(), 'api.logAttempt'),
});

/** What happens to a run: its transitions, and its log as it grows. */
@Controller(`${API_ROOT}/runs/:run`)
export class ApiRunNewsController {
  constructor(
    private readonly runs: RunsRepository,
    private readonly streams: RunStreams,
    private readonly folders: RunFolders,
  ) {}

  @Get('events')
  @Api({
    area: 'runs',
    summary: 'api.runEvents',
    scope: 'read',
    headers: { Accept: 'api.eventsAccept' },
    answer: eventsSchema,
    others: { 204: { type: 'text/event-stream', says: 'api.eventsOver' } },
  })
  @Access('runReader')
  async events(@CurrentPerson() person: User, @CurrentRun() run: Run, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (request.accepts(['json', 'text/event-stream']) === 'text/event-stream')
      return this.streams.open(run, { request, response, person });
    const events = await this.runs.events(run.id);
    const items = events.map(({ id, atMs, fromState, toState, attempt, runnerName, note }) => ({
      id,
      at: isoTime(atMs),
      from: fromState,
      to: toState,
      attempt,
      runner: runnerName,
      note: noteInWords(note),
    }));
    response.json({ items, next: null } satisfies z.infer<typeof eventsSchema>);
  }

  @Get('log')
  @Api({
    area: 'runs',
    summary: 'api.runLog',
    scope: 'read',
    query: logQuery,
    answer: { type: 'text/plain', says: 'api.logAnswer' },
    answerHeaders: { 'Log-Offset': 'api.logNext', 'Log-End': 'api.logEnd', 'Log-Attempt': 'api.logWhich' },
    example: { query: { offset: '0' } },
  })
  @Access('runReader')
  async log(@CurrentRun() run: Run, @ApiQuery() query: z.infer<typeof logQuery>, @Res() response: Response): Promise<void> {
    const attempt = query.attempt ?? run.attempt;
    if (attempt > run.attempt) throw new NotFoundError('api.noSuchAttempt', { attempt, number: run.id });
    const { bytes, next, size } = await LogFile.use(this.folders, { runId: run.id, attempt }, async (file) => {
      const from = Math.min(query.offset, file.size);
      const part = await file.read(from, from + query.limit);
      return { bytes: part, next: from + part.length, size: file.size };
    });
    // The state is older than what was read: a log that ends by it does.
    const isEnd = (isFinal(run.state) || attempt < run.attempt) && next >= size;
    response.set({ 'Log-Offset': String(next), 'Log-End': String(isEnd), 'Log-Attempt': String(attempt), 'Cache-Control': 'no-store' });
    response.type('text/plain; charset=utf-8').send(bytes);
  }
}
