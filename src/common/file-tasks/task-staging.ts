import { Injectable } from '@nestjs/common';
import { ProjectFiles } from '../files/project-files';
import type { SafeDirectory } from '../files/safe-directory';
import type { FileTask } from './file-task.entity';

type TaskKey = Pick<FileTask, 'id' | 'projectId' | 'homeId'>;

/** The folder in which a task writes: beside the projects of its home, on the same disk, out of reach of every page. */
@Injectable()
export class TaskStaging {
  constructor(private readonly files: ProjectFiles) {}

  /** Made anew, empty. */
  async make(task: TaskKey): Promise<SafeDirectory> {
    const staging = await this.of(task);
    await staging.remove([]);
    await staging.ensureFolder([]);
    return staging;
  }

  /** As an interruption left it: empty where all had its place already. */
  async again(task: TaskKey): Promise<SafeDirectory> {
    const staging = await this.of(task);
    await staging.ensureFolder([]);
    return staging;
  }

  async of(task: TaskKey): Promise<SafeDirectory> {
    const staging = await this.files.staging(task.homeId);
    return staging.inside([this.files.stagingName(task.projectId, task.id)]);
  }

  async remove(task: TaskKey): Promise<void> {
    await (await this.of(task)).remove([]);
  }
}
