import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { DiskReport } from '../../../common/disk/disk-report';
import { OWNER_ORDERS } from '../../../common/disk/disk-use.repository';
import { Access } from '../../http/access/access.decorator';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { isoTime } from '../runs/run-schemas';

const MOST_OWNERS = 10_000_000;
const amounts = { bytes: z.number(), files: z.number() };

const diskSchema = z
  .object({
    fileSystems: says(
      z.array(
        z.object({
          places: z.array(z.enum(['files', 'runs', 'data', 'inbox', 'outbox'])),
          freeBytes: z.number(),
          totalBytes: z.number(),
        }),
      ),
      'apiAdmin.diskFileSystems',
    ),
    totals: says(z.object({ ...amounts, owners: z.int() }), 'apiAdmin.diskTotals'),
    trash: says(z.object(amounts), 'apiAdmin.diskTrash'),
    unfinished: says(z.object(amounts), 'apiAdmin.diskUnfinished'),
    reserved: says(z.array(z.object({ what: z.string(), count: z.int(), bytes: z.number() })), 'apiAdmin.diskReserved'),
    projects: says(
      z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          owner: z.object({ id: z.string(), name: z.string() }),
          bytes: z.number(),
          resultBytes: z.number(),
          trashBytes: z.number(),
        }),
      ),
      'apiAdmin.diskProjects',
    ),
  })
  .meta({ id: 'Disk' });
const ownersQuery = pageQuery({ sort: says(z.enum(OWNER_ORDERS).default('bytes'), 'apiFiles.sort') });
const ownersSchema = pageOf(
  z
    .object({
      id: z.string(),
      name: says(z.string(), 'apiAdmin.ownerName'),
      email: z.string().nullable(),
      ...amounts,
      measuredAt: says(z.iso.datetime().nullable(), 'apiAdmin.ownerMeasured'),
    })
    .meta({ id: 'DiskOwner' }),
);
const position = z.int().min(0).max(MOST_OWNERS);

/** Who uses the disk, for programs of administrators. */
@Controller(`${API_ROOT}/admin/disk`)
export class ApiDiskController {
  constructor(private readonly report: DiskReport) {}

  @Get()
  @Api({ area: 'administration', summary: 'apiAdmin.showDisk', scope: 'admin', answer: diskSchema })
  @Access('admin')
  async show(): Promise<z.infer<typeof diskSchema>> {
    const { fileSystems, totals, trash, unfinished, reserved, projects } = await this.report.summary();
    return {
      fileSystems,
      totals,
      trash,
      unfinished,
      reserved,
      projects: projects.map(({ id, name, ownerId, ownerName, bytes, results, trash: thrownAway }) => {
        return { id, name, owner: { id: ownerId, name: ownerName }, bytes, resultBytes: results, trashBytes: thrownAway };
      }),
    };
  }

  @Get('owners')
  @Api({ area: 'administration', summary: 'apiAdmin.listOwners', scope: 'admin', query: ownersQuery, answer: ownersSchema })
  @Access('admin')
  async owners(@ApiQuery() { sort, limit, after }: z.infer<typeof ownersQuery>): Promise<z.infer<typeof ownersSchema>> {
    const from = decodeCursor(position, after) ?? 0;
    const owners = await this.report.owners(sort, from, limit + 1);
    const items = owners.slice(0, limit).map(({ ownerId, name, email, bytes, files, measuredMs }) => {
      return { id: ownerId, name, email, bytes, files, measuredAt: measuredMs === 0 ? null : isoTime(measuredMs) };
    });
    return { items, next: owners.length > limit ? encodeCursor(from + limit) : null };
  }
}
