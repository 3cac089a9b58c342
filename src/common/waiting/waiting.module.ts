import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { QueueModule } from '../queue/queue.module';
import { WaitingLines } from './waiting-lines.service';

/** Why runs wait, for the pages and for the command line. */
@Module({ imports: [ConfigModule, QueueModule], providers: [WaitingLines], exports: [WaitingLines] })
export class WaitingModule {}
