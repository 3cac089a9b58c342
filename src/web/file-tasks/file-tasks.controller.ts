import { Controller, Get, Param, Post, Render, Res } from '@nestjs/common';
import type { Response } from 'express';
import { NotFoundError } from '../../common/errors';
import { FileTasks } from '../../common/file-tasks/file-tasks';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Audited, NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { Policy } from '../http/access/policy';
import { redirect } from '../http/addresses';
import { address } from '../views/helpers';
import { TaskLinesView } from './task-lines.view';
import { isUuid } from '../http/ids';

/** The work on files of a project: its list, which pages fetch again and again while something is under way, and its buttons. */
@Controller('projects/:project/tasks')
export class FileTasksController {
  constructor(
    private readonly tasks: FileTasks,
    private readonly view: TaskLinesView,
    private readonly policy: Policy,
  ) {}

  @Get()
  @Access('projectReader')
  @Render('projects/tasks')
  async list(@CurrentProject() project: Project, @CurrentPerson() person: User): Promise<object> {
    return {
      title: text('tasks.title', { name: project.name }),
      project: { id: project.id, name: project.name },
      canChange: this.policy.allows('projectOwner', { person, project }),
      tasks: await this.view.of(project.id),
    };
  }

  @Post(':task/cancel')
  @Audited('files.cancel-task')
  @Access('projectOwner')
  async cancel(@CurrentProject() project: Project, @Param('task') id: string, @Res() response: Response): Promise<void> {
    await this.tasks.cancel((await this.find(project, id)).id);
    redirect(response, address('/projects', [project.id]));
  }

  @Post(':task/dismiss')
  @NotAudited('takes a line off a page')
  @Access('projectOwner')
  async dismiss(@CurrentProject() project: Project, @Param('task') id: string, @Res() response: Response): Promise<void> {
    await this.tasks.dismiss((await this.find(project, id)).id);
    redirect(response, address('/projects', [project.id]));
  }

  private find(project: Project, id: string): ReturnType<FileTasks['find']> {
    if (!isUuid(id)) throw new NotFoundError('tasks.gone');
    return this.tasks.find(project.id, id);
  }
}
