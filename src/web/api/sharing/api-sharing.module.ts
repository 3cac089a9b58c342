import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { SharePagesModule } from '../../shares/share-pages.module';
import { WebhookPagesModule } from '../../webhooks/webhook-pages.module';
import { ApiLeaveController } from './leave.controller';
import { ApiShareLinksController } from './links.controller';
import { ApiMembersController } from './members.controller';
import { ApiPipelineWebhooksController } from './pipeline-webhooks.controller';
import { WebhookCalls } from './webhook-calls';
import { ApiWebhooksController } from './webhooks.controller';

/** Who else sees a project, and what is told to other programs, for programs of its owner. */
@Module({
  imports: [CommonModule, SharePagesModule, WebhookPagesModule],
  controllers: [ApiLeaveController, ApiMembersController, ApiShareLinksController, ApiWebhooksController, ApiPipelineWebhooksController],
  providers: [WebhookCalls],
})
export class ApiSharingModule {}
