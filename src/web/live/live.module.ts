import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ChangeFeed } from './change-feed.service';
import { ChangesRepository } from './changes.repository';
import { EventStreams } from './event-streams.service';
import { LiveController } from './live.controller';
import { RunStreams } from './run-streams';

/** News for open pages. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [LiveController],
  providers: [ChangesRepository, ChangeFeed, EventStreams, RunStreams],
  exports: [EventStreams, RunStreams],
})
export class LiveModule {}
