import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { HomePage } from './home-page.service';
import { HomeController } from './home.controller';

/** The first page. */
@Module({
  imports: [CommonModule, QueuePagesModule],
  controllers: [HomeController],
  providers: [HomePage],
})
export class HomeModule {}
