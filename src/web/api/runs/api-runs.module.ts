import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AdmissionModule } from '../../admission/admission.module';
import { CratesModule } from '../../crates/crates.module';
import { AccessModule } from '../../http/access/access.module';
import { LiveModule } from '../../live/live.module';
import { QueuePagesModule } from '../../queue/queue-pages.module';
import { RunPagesModule } from '../../run/run-pages.module';
import { LogModule } from '../../show/log/log.module';
import { ShowModule } from '../../show/show.module';
import { SweepPagesModule } from '../../sweeps/sweep-pages.module';
import { ApiPipelinesController } from '../pipelines/pipelines.controller';
import { ApiPresetsController } from '../pipelines/presets.controller';
import { ApiQueueController } from '../queue/queue.controller';
import { ApiSweepsController } from '../sweeps/sweeps.controller';
import { Once } from './once';
import { RunJsons } from './run-json';
import { RunListsRepository } from './run-lists.repository';
import { ApiRunChecksumsController } from './run-checksums.controller';
import { ApiRunKeepingController } from './run-keeping.controller';
import { ApiRunLogSearchController } from './run-log-search.controller';
import { ApiRunNewsController } from './run-news.controller';
import { ApiRunOrdersController } from './run-orders.controller';
import { RunOrders } from './run-orders';
import { ApiRunResultsController } from './run-results.controller';
import { ApiRunStepsController } from './run-steps.controller';
import { ApiRunsController } from './runs.controller';

/** Pipelines, runs of them, and the queue, for programs. */
@Module({
  imports: [
    CommonModule,
    AccessModule,
    AdmissionModule,
    CratesModule,
    LiveModule,
    LogModule,
    QueuePagesModule,
    RunPagesModule,
    ShowModule,
    SweepPagesModule,
  ],
  controllers: [
    ApiPipelinesController,
    ApiPresetsController,
    ApiRunsController,
    ApiRunOrdersController,
    ApiRunStepsController,
    ApiRunKeepingController,
    ApiRunNewsController,
    ApiRunLogSearchController,
    ApiRunResultsController,
    ApiRunChecksumsController,
    ApiSweepsController,
    ApiQueueController,
  ],
  providers: [Once, RunJsons, RunListsRepository, RunOrders],
})
export class ApiRunsModule {}
