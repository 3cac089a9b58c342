import { Module, type OnModuleInit } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { LiveModule } from '../live/live.module';
import { HttpMetrics } from './http-metrics';
import { MetricFiguresRepository } from './metric-figures.repository';
import { MetricsReaders } from './metrics-readers';
import { MetricsController } from './metrics.controller';
import { Metrics } from './metrics.service';
import { watchEventLoop } from './process-metrics';

/** What a monitor reads. */
@Module({
  imports: [CommonModule, LiveModule],
  controllers: [MetricsController],
  providers: [HttpMetrics, Metrics, MetricFiguresRepository, MetricsReaders],
})
export class MetricsModule implements OnModuleInit {
  onModuleInit(): void {
    watchEventLoop();
  }
}
