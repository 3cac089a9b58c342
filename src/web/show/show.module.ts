import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { ImageRenderer } from './image-renderer';
import { ImageViews } from './image-views';
import { ResultFilesController } from './result-files.controller';
import { ResultsViewer } from './results.view';
import { RunLog } from './run-log';
import { RunLogController } from './run-log.controller';
import { RunPage } from './run-page.service';
import { RunRecords } from './run-records';
import { RunResults } from './run-results';
import { ShowController } from './show.controller';

/** The page of a run: its state and log while it runs, its results afterwards. */
@Module({
  imports: [CommonModule, AccessModule, QueuePagesModule],
  controllers: [ShowController, RunLogController, ResultFilesController],
  providers: [ImageRenderer, ImageViews, ResultsViewer, RunLog, RunPage, RunRecords, RunResults],
})
export class ShowModule {}
