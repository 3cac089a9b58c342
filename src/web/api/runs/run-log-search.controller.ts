import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { Run } from '../../../common/queue/run.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentRun } from '../../http/access/current';
import { closeSignal } from '../../archives/download/zip-answer';
import type { Sought } from '../../show/log/log-search';
import { RunLog } from '../../show/log/run-log';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { inField } from '../contract/in-field';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';

const searchQuery = pageQuery({
  for: says(z.enum(['words', 'expression', 'errors']).default('words'), 'apiWork.searchFor'),
  words: says(z.string().max(1000).default(''), 'apiWork.searchWords'),
  attempt: says(z.coerce.number().int().min(0).max(1_000_000).optional(), 'api.logAttempt'),
});
const hitsSchema = pageOf(
  z.object({ at: says(z.number(), 'apiWork.hitAt'), line: says(z.int().nullable(), 'apiWork.hitLine') }).meta({ id: 'LogHit' }),
);
/** A byte of the log. */
const position = z.int().min(0);

/** Finds lines in the log of a run. */
@Controller(`${API_ROOT}/runs/:run/log/search`)
export class ApiRunLogSearchController {
  constructor(private readonly log: RunLog) {}

  /** One look ends when its time is over, too: it may find little and go on all the same. */
  @Get()
  @Api({
    area: 'runs',
    summary: 'apiWork.searchLog',
    scope: 'read',
    query: searchQuery,
    answer: hitsSchema,
    example: { query: { words: 'killed' } },
  })
  @Access('runReader')
  async search(
    @CurrentRun() run: Run,
    @ApiQuery() { for: kind, words, attempt = run.attempt, limit, after }: z.infer<typeof searchQuery>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof hitsSchema>> {
    if (attempt > run.attempt) throw new NotFoundError('api.noSuchAttempt', { attempt, number: run.id });
    const sought: Sought = kind === 'errors' ? { kind } : { kind, words };
    const wish = { sought, from: decodeCursor(position, after) ?? 0, backwards: false, most: limit };
    const { hits, scanned, isDone } = await inField('words', () =>
      this.log.search({ runId: run.id, attempt }, wish, closeSignal(response)),
    );
    response.set('Cache-Control', 'no-store');
    return { items: hits, next: isDone ? null : encodeCursor(scanned) };
  }
}
