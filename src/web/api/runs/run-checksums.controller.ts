import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { ConflictError } from '../../../common/errors';
import { parseEntryPath } from '../../../common/files/entry-name';
import type { Run } from '../../../common/queue/run.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentRun } from '../../http/access/current';
import { RunOutputs, shownPath } from '../../show/run-outputs';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, plainPageQuery, type PageQuery } from '../contract/paging';
import { says } from '../contract/words';

const listSchema = pageOf(
  z
    .object({
      path: says(z.string(), 'api.resultPath'),
      name: says(z.string(), 'api.resultName'),
      size: says(z.number(), 'api.resultSize'),
      sha256: says(z.string().nullable(), 'apiWork.runChecksum'),
    })
    .meta({ id: 'ResultChecksum' }),
).extend({
  isComplete: says(z.boolean(), 'apiWork.runChecksumsComplete'),
  isUnderWay: says(z.boolean(), 'apiWork.runChecksumsUnderWay'),
});
const position = z.int().min(0);

/** The checksums of what a run has left. */
@Controller(`${API_ROOT}/runs/:run/checksums`)
export class ApiRunChecksumsController {
  constructor(private readonly outputs: RunOutputs) {}

  @Get()
  @Api({ area: 'runs', summary: 'apiWork.listRunChecksums', scope: 'read', query: plainPageQuery, answer: listSchema })
  @Access('runReader')
  async list(@CurrentRun() run: Run, @ApiQuery() { limit, after }: PageQuery): Promise<z.infer<typeof listSchema>> {
    const from = decodeCursor(position, after) ?? 0;
    const record = await this.outputs.record(run);
    if (!record) throw new ConflictError('show.noChecksumsYet');
    const { files, complete, done } = record;
    const items = files.slice(from, from + limit).map(({ path, size, sha256 }) => {
      return { path, name: shownPath(parseEntryPath(path)), size, sha256 };
    });
    return { items, next: from + limit < files.length ? encodeCursor(from + limit) : null, isComplete: complete, isUnderWay: !done };
  }
}
