import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { RunnersController } from './runners.controller';
import { RunnersPage } from './runners-page.service';

/** The page of the runners, for administrators. */
@Module({ imports: [CommonModule, AccessModule, QueuePagesModule], controllers: [RunnersController], providers: [RunnersPage] })
export class RunnerPagesModule {}
