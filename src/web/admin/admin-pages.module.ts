import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { HouseConcerns } from './overview/house-concerns';
import { OverviewController } from './overview/overview.controller';
import { Overview } from './overview/overview.service';
import { QueueConcerns } from './overview/queue-concerns';

/** The first page of the administration area; each further part of it is a module of its own. */
@Module({
  imports: [CommonModule, AccessModule, QueuePagesModule],
  controllers: [OverviewController],
  providers: [HouseConcerns, Overview, QueueConcerns],
  exports: [HouseConcerns, QueueConcerns],
})
export class AdminPagesModule {}
