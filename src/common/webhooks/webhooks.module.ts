import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { ProjectsModule } from '../projects/projects.module';
import { QueueModule } from '../queue/queue.module';
import { UsersModule } from '../users/users.module';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository';
import { WebhookDesk } from './webhook-desk';
import { WebhookTransport } from './webhook-transport';
import { WebhooksRepository } from './webhooks.repository';

const PROVIDERS = [WebhooksRepository, WebhookDeliveriesRepository, WebhookDesk, WebhookTransport];

/** Addresses that are told of runs: their rows, what they are told, and the way there. Runners send. */
@Module({ imports: [ConfigModule, DatabaseModule, ProjectsModule, QueueModule, UsersModule], providers: PROVIDERS, exports: PROVIDERS })
export class WebhooksModule {}
