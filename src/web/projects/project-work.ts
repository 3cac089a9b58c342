import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { TaskLinesView, type TaskPanel } from '../file-tasks/task-lines.view';
import { UnfinishedUploads, type UnfinishedList } from '../uploads/unfinished-uploads';

export interface WorkOnProject {
  /** Long work on its files. */
  tasks: TaskPanel;
  /** Uploads that wait for their rest. */
  unfinished: UnfinishedList;
}

/** What is under way on the files of a project. */
@Injectable()
export class ProjectWork {
  constructor(
    private readonly taskLines: TaskLinesView,
    private readonly uploads: UnfinishedUploads,
  ) {}

  async of(project: Project, reader: User, canAdd: boolean): Promise<WorkOnProject> {
    const unfinished = canAdd ? await this.uploads.shown(project, reader) : { uploads: [], more: 0 };
    return { tasks: await this.taskLines.of(project.id), unfinished };
  }
}
