import { Controller, Get, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { FileTasks } from '../../../common/file-tasks/file-tasks';
import { parseEntryPath } from '../../../common/files/entry-name';
import { INBOX_SOURCES } from '../../../common/files/inbox-files';
import { CONFLICT_CHOICES } from '../../../common/files/put-in-place';
import { InboxImports } from '../../../common/imports/inbox-imports';
import type { Project } from '../../../common/projects/project.entity';
import { QueueStore } from '../../../common/queue/queue-store';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { InboxListing } from '../../inbox/inbox-listing';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor } from '../contract/paging';
import { says } from '../contract/words';
import { entryJson, position, together } from './entries';
import { filesQuery, filesSchema, LONGEST_PATH, somePaths } from './file-schemas';
import { ProjectTouch } from './project-touch';
import { taskJson, taskSchema, type TaskJson } from './task-schemas';

const source = z.enum(INBOX_SOURCES);
const inboxQuery = filesQuery.extend({ from: says(source.optional(), 'apiWork.inboxFrom') });
const inboxSchema = filesSchema.extend({
  from: says(source, 'apiWork.inboxFrom'),
  parts: says(z.array(source), 'apiWork.inboxParts'),
});
const importOrder = z.strictObject({
  from: says(source.optional(), 'apiWork.inboxFrom'),
  paths: somePaths,
  to: says(z.string().max(LONGEST_PATH).default(''), 'apiFiles.moveTo'),
  how: says(z.enum(['copy', 'move', 'link']).default('copy'), 'apiWork.importHow'),
  onConflict: says(z.enum(CONFLICT_CHOICES).default('keepBoth'), 'apiFiles.onConflict'),
});
const linkedSchema = z
  .object({ linked: says(z.number(), 'apiWork.linked'), leftOut: says(z.number(), 'apiFiles.leftOut') })
  .meta({ id: 'Linked' });

/** Files that were put into the inbox of the server: looked at, and brought into a project. */
@Controller(`${API_ROOT}/projects/:project/inbox`)
export class ApiInboxController {
  constructor(
    private readonly inbox: InboxListing,
    private readonly imports: InboxImports,
    private readonly tasks: FileTasks,
    private readonly touch: ProjectTouch,
    private readonly queue: QueueStore,
  ) {}

  @Get()
  @Api({ area: 'files', summary: 'apiWork.listInbox', scope: 'read', query: inboxQuery, answer: inboxSchema })
  @Access('projectOwner')
  async list(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiQuery() query: z.infer<typeof inboxQuery>,
  ): Promise<z.infer<typeof inboxSchema>> {
    const { limit, after, sort, descending, name } = query;
    const { places, source: from } = await this.inbox.partOf(person, query.from);
    const folder = parseEntryPath(query.path);
    const at = decodeCursor(position, after) ?? 0;
    const question = { by: sort, descending: descending === 'true', filter: name, from: at, limit };
    const { entries, matching, total, complete } = await this.inbox.list(project, from, folder, question);
    return {
      items: entries.map((entry) => entryJson(folder, entry)),
      next: at + limit < matching ? encodeCursor(at + limit) : null,
      total,
      isComplete: complete,
      from,
      parts: places.map((place) => place.source),
    };
  }

  @Post()
  @Api({
    area: 'files',
    summary: 'apiWork.import',
    scope: 'files',
    body: importOrder,
    answer: linkedSchema,
    others: { 202: taskSchema },
    example: { body: { paths: ['plate-7'], to: 'slides', how: 'copy' } },
  })
  @Audited('files.import')
  @Access('projectOwner')
  async bring(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() { paths, to, how, onConflict, from }: z.infer<typeof importOrder>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof linkedSchema> | TaskJson> {
    const { source } = await this.inbox.partOf(person, from);
    const order = { source, ...together(paths), to: parseEntryPath(to), onConflict };
    if (how === 'link') {
      const { files, skipped } = await this.imports.link(project, order, person);
      await this.touch.now(project);
      return { linked: files, leftOut: skipped };
    }
    const task = await this.imports.start(project, order, how, person);
    response.status(202);
    return taskJson(await this.tasks.find(project.id, task), await this.queue.nowMs());
  }
}
