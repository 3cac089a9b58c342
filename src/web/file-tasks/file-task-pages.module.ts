import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { FileTaskPoolModule } from '../../common/file-tasks/file-task-pool.module';
import { AccessModule } from '../http/access/access.module';
import { FileTasksController } from './file-tasks.controller';
import { TaskLinesView } from './task-lines.view';

/** Work on files: the web processes carry it out, and show it. */
@Module({
  imports: [CommonModule, AccessModule, FileTaskPoolModule],
  controllers: [FileTasksController],
  providers: [TaskLinesView],
  exports: [TaskLinesView],
})
export class FileTaskPagesModule {}
