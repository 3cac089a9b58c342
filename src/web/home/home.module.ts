import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ProjectPagesModule } from '../projects/project-pages.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { Dashboard, LatestProjects } from './dashboard.service';
import { HomeController } from './home.controller';
import { LatestRuns } from './latest-runs';
import { NewcomerPage } from './newcomer-page.service';
import { NextSteps } from './next-step.service';
import { Offer } from './offer.service';

/** The first page. */
@Module({
  imports: [CommonModule, AccessModule, ProjectPagesModule, QueuePagesModule],
  controllers: [HomeController],
  providers: [Offer, Dashboard, LatestProjects, LatestRuns, NewcomerPage, NextSteps],
})
export class HomeModule {}
