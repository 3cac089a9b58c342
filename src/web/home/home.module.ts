import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { Dashboard } from './dashboard.service';
import { HomeController } from './home.controller';
import { NewcomerPage } from './newcomer-page.service';
import { Offer } from './offer.service';

/** The first page. */
@Module({
  imports: [CommonModule, QueuePagesModule],
  controllers: [HomeController],
  providers: [Offer, Dashboard, NewcomerPage],
})
export class HomeModule {}
