import { Module } from '@nestjs/common';
import { FileTaskPool } from './file-task-pool';
import { FileTasksModule } from './file-tasks.module';

/** For processes that carry tasks out. */
@Module({ imports: [FileTasksModule], providers: [FileTaskPool], exports: [FileTaskPool] })
export class FileTaskPoolModule {}
