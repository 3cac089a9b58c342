import { Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { FileTask } from '../../../common/file-tasks/file-task.entity';
import { FileTasks } from '../../../common/file-tasks/file-tasks';
import { parseEntryPath } from '../../../common/files/entry-name';
import type { Project } from '../../../common/projects/project.entity';
import { QueueStore } from '../../../common/queue/queue-store';
import type { User } from '../../../common/users/user.entity';
import { Extraction } from '../../archives/extract/extraction';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited, NotAudited } from '../../http/audit/audited.decorator';
import { isUuid } from '../../http/ids';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { LONGEST_PATH } from './file-schemas';
import { taskJson, taskSchema, tasksSchema, type TaskJson } from './task-schemas';

const extractOrder = z.strictObject({
  path: says(z.string().min(1).max(LONGEST_PATH), 'apiWork.archivePath'),
  into: says(z.enum(['folder', 'here']).default('folder'), 'apiWork.extractInto'),
});

/** Long work on the files of a project: asked for, looked at, cancelled. */
@Controller(`${API_ROOT}/projects/:project`)
export class ApiFileTasksController {
  constructor(
    private readonly tasks: FileTasks,
    private readonly extraction: Extraction,
    private readonly queue: QueueStore,
  ) {}

  @Post('files/extract')
  @Api({
    area: 'files',
    summary: 'apiWork.extract',
    scope: 'files',
    body: extractOrder,
    answer: taskSchema,
    status: 202,
    example: { body: { path: 'slides/plate-7.zip' } },
  })
  @Audited('files.extract')
  @Access('projectOwner')
  async extract(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() { path, into }: z.infer<typeof extractOrder>,
  ): Promise<TaskJson> {
    const { task } = await this.extraction.start(project, person, parseEntryPath(path), into);
    return this.json(await this.tasks.find(project.id, task));
  }

  /** The newest first: those under way, and those that have ended a while ago. */
  @Get('tasks')
  @Api({ area: 'files', summary: 'apiWork.listTasks', scope: 'read', answer: tasksSchema })
  @Access('projectReader')
  async list(@CurrentProject() project: Project): Promise<z.infer<typeof tasksSchema>> {
    const [tasks, nowMs] = await Promise.all([this.tasks.ofProject(project.id), this.queue.nowMs()]);
    return { items: tasks.map((task) => taskJson(task, nowMs)), next: null };
  }

  @Get('tasks/:task')
  @Api({ area: 'files', summary: 'apiWork.readTask', scope: 'read', answer: taskSchema })
  @Access('projectReader')
  async read(@CurrentProject() project: Project, @Param('task') id: string): Promise<TaskJson> {
    return this.json(await this.find(project, id));
  }

  @Post('tasks/:task/cancel')
  @Api({ area: 'files', summary: 'apiWork.cancelTask', scope: 'files', answer: taskSchema })
  @Audited('files.cancel-task')
  @Access('projectOwner')
  async cancel(@CurrentProject() project: Project, @Param('task') id: string): Promise<TaskJson> {
    await this.tasks.cancel((await this.find(project, id)).id);
    return this.json(await this.find(project, id));
  }

  @Delete('tasks/:task')
  @Api({ area: 'files', summary: 'apiWork.dismissTask', scope: 'files', answer: null })
  @NotAudited('takes a line off a list')
  @Access('projectOwner')
  async dismiss(@CurrentProject() project: Project, @Param('task') id: string): Promise<void> {
    await this.tasks.dismiss((await this.find(project, id)).id);
  }

  private async find(project: Project, id: string): Promise<FileTask> {
    if (!isUuid(id)) throw new NotFoundError('tasks.gone');
    return this.tasks.find(project.id, id);
  }

  private async json(task: FileTask): Promise<TaskJson> {
    return taskJson(task, await this.queue.nowMs());
  }
}
