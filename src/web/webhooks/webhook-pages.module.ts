import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { PipelineHomes } from './pipeline-homes';
import { PipelineWebhooksController } from './pipeline-webhooks.controller';
import { ProjectWebhooksController } from './project-webhooks.controller';
import { WebhookAnswers } from './webhook-answers';
import { WebhookMaking } from './webhook-making';
import { WebhookViews } from './webhook.view';

/** The pages of webhooks; what is sent to them runners send. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [ProjectWebhooksController, PipelineWebhooksController],
  providers: [PipelineHomes, WebhookAnswers, WebhookMaking, WebhookViews],
  exports: [PipelineHomes, WebhookMaking],
})
export class WebhookPagesModule {}
