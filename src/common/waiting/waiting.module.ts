import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { QueueModule } from '../queue/queue.module';
import { QuotasModule } from '../quotas/quotas.module';
import { Obstacles } from './obstacles.service';
import { WaitingLines } from './waiting-lines.service';

/** Why runs wait, or would, for the pages and for the command line. */
@Module({ imports: [ConfigModule, QueueModule, QuotasModule], providers: [WaitingLines, Obstacles], exports: [WaitingLines, Obstacles] })
export class WaitingModule {}
