import { Controller, Get, Param, Res, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { InvalidInputError } from '../../../common/errors';
import { parseEntryPath, showEntryName } from '../../../common/files/entry-name';
import type { Run } from '../../../common/queue/run.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentRun } from '../../http/access/current';
import { sendFile } from '../../show/file-response';
import { fileTypeOf } from '../../show/file-type';
import { GoneResults } from '../../show/gone-results';
import { RunResults } from '../../show/run-results';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, plainPageQuery, type PageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { isoTime } from './run-schemas';

const resultSchema = z
  .object({
    path: says(z.string(), 'api.resultPath'),
    name: says(z.string(), 'api.resultName'),
    size: says(z.number(), 'api.resultSize'),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: 'Result' });

const listQuery = plainPageQuery;
const listSchema = pageOf(resultSchema).extend({ isComplete: says(z.boolean(), 'api.resultsComplete') });
const position = z.int().min(0);

/** The files that a run has left behind. */
@Controller(`${API_ROOT}/runs/:run/results`)
@UseInterceptors(GoneResults)
export class ApiRunResultsController {
  constructor(private readonly results: RunResults) {}

  @Get()
  @Api({ area: 'runs', summary: 'api.listResults', scope: 'read', query: listQuery, answer: listSchema })
  @Access('runReader')
  async list(@CurrentRun() run: Run, @ApiQuery() { limit, after }: PageQuery): Promise<z.infer<typeof listSchema>> {
    const from = decodeCursor(position, after) ?? 0;
    const { files, complete } = await this.results.tree(await this.results.of(run));
    const items = files.slice(from, from + limit).map(({ address, shown, size, mtimeMs }) => ({
      path: address,
      name: shown,
      size,
      changedAt: isoTime(mtimeMs),
    }));
    return { items, next: from + limit < files.length ? encodeCursor(from + limit) : null, isComplete: complete };
  }

  @Get('*path')
  @Api({
    area: 'runs',
    summary: 'api.readResult',
    scope: 'read',
    headers: { Range: 'api.range', 'If-None-Match': 'api.ifNoneMatch' },
    answer: { type: 'application/octet-stream', says: 'api.contentAnswer' },
    others: {
      206: { type: 'application/octet-stream', says: 'api.contentPart' },
      304: { type: 'application/octet-stream', says: 'api.contentSame' },
      412: { type: 'application/octet-stream', says: 'api.contentOther' },
      416: { type: 'application/octet-stream', says: 'api.contentBeyond' },
    },
    answerHeaders: { ETag: 'api.etag', 'Accept-Ranges': 'api.acceptRanges' },
  })
  @Access('runReader')
  async read(@CurrentRun() run: Run, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const path = parseEntryPath(segments.join('/'));
    if (path.length === 0) throw new InvalidInputError('files.badPath');
    const name = showEntryName(path.at(-1)!);
    const file = await (await this.results.of(run)).openFile(path);
    const { inline, picture } = fileTypeOf(name);
    await sendFile(response, { file, name, contentType: inline ?? picture ?? null, inline: false });
  }
}
