import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ImagesModule } from '../images/images.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { ChainPagesModule } from '../chains/chain-pages.module';
import { ImageViews } from './image-views';
import { LogModule } from './log/log.module';
import { LogPage } from './log/log-page.service';
import { LogPanel } from './log/log-panel';
import { RunLogController } from './log/run-log.controller';
import { ResultFilesController } from './result-files.controller';
import { ResultsViewer } from './results.view';
import { RunChains } from './run-chains';
import { RunFiles } from './run-files';
import { RunInputs } from './run-inputs';
import { RunChecksumsController } from './run-checksums.controller';
import { RunOutputs } from './run-outputs';
import { RunPage } from './run-page.service';
import { RunRecords } from './run-records';
import { RunResults } from './run-results';
import { ShowController } from './show.controller';
import { LookController } from './look.controller';
import { ShownResults } from './shown-results';

/** The page of a run: its state and log while it runs, its results afterwards. */
@Module({
  imports: [CommonModule, AccessModule, ChainPagesModule, ImagesModule, LogModule, QueuePagesModule],
  controllers: [ShowController, LookController, RunLogController, ResultFilesController, RunChecksumsController],
  providers: [
    ImageViews,
    LogPage,
    LogPanel,
    ResultsViewer,
    RunChains,
    RunFiles,
    RunInputs,
    RunOutputs,
    RunPage,
    RunRecords,
    RunResults,
    ShownResults,
  ],
  exports: [RunInputs, RunOutputs, RunRecords, RunResults],
})
export class ShowModule {}
