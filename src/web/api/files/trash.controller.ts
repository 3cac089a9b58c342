import { Controller, Delete, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import type { Deletion } from '../../../common/trash/deletion.entity';
import { Trash } from '../../../common/trash/trash';
import { Access } from '../../http/access/access.decorator';
import { CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { isUuid } from '../../http/ids';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';

const MOST_DELETIONS = 10_000_000;

const deletionSchema = z
  .object({
    id: says(z.string(), 'apiFiles.deletion'),
    folder: says(z.string(), 'apiWork.trashFolder'),
    names: says(z.array(z.string()), 'apiWork.trashNames'),
    count: says(z.number(), 'apiFiles.deletedCount'),
    files: says(z.number(), 'apiWork.trashFiles'),
    bytes: z.number(),
    isComplete: says(z.boolean(), 'apiWork.trashComplete'),
    by: says(z.string(), 'apiWork.trashBy'),
    deletedAt: z.iso.datetime(),
  })
  .meta({ id: 'Deletion' });
const listQuery = pageQuery({ sort: says(z.enum(['date', 'size']).default('date'), 'apiWork.trashSort') });
const listSchema = pageOf(deletionSchema);
const emptiedSchema = z.object({ count: says(z.number(), 'apiWork.trashEmptied') }).meta({ id: 'Emptied' });
const position = z.int().min(0).max(MOST_DELETIONS);

/** What was deleted from a project: looked at, and deleted for good. `files/restore` brings it back. */
@Controller(`${API_ROOT}/projects/:project/trash`)
export class ApiTrashController {
  constructor(private readonly trash: Trash) {}

  @Get()
  @Api({ area: 'files', summary: 'apiWork.listTrash', scope: 'read', query: listQuery, answer: listSchema })
  @Access('projectKeeper')
  async list(
    @CurrentProject() project: Project,
    @ApiQuery() { sort, limit, after }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof listSchema>> {
    const from = decodeCursor(position, after) ?? 0;
    const { deletions, total } = await this.trash.list(project, { from, most: limit, by: sort });
    return { items: deletions.map(deletionJson), next: from + limit < total ? encodeCursor(from + limit) : null };
  }

  @Delete()
  @Api({ area: 'files', summary: 'apiWork.emptyTrash', scope: 'files', answer: emptiedSchema })
  @Audited('files.empty-trash')
  @Access('projectOwner')
  async empty(@CurrentProject() project: Project): Promise<z.infer<typeof emptiedSchema>> {
    return { count: await this.trash.empty(project) };
  }

  @Delete(':deletion')
  @Api({ area: 'files', summary: 'apiWork.emptyOne', scope: 'files', answer: null })
  @Audited('files.empty-trash')
  @Access('projectOwner')
  async remove(@CurrentProject() project: Project, @Param('deletion') id: string): Promise<void> {
    if (!isUuid(id)) throw new NotFoundError('projects.undoTooLate');
    await this.trash.empty(project, id);
  }
}

function deletionJson({ id, folder, names, entries, files, bytes, complete, byName, deletedMs }: Deletion): z.infer<typeof deletionSchema> {
  const deletedAt = new Date(deletedMs).toISOString();
  return { id, folder, names, count: entries, files, bytes, isComplete: complete, by: byName, deletedAt };
}
