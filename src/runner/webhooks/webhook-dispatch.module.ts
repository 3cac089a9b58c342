import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { WebhookDispatcher } from './webhook-dispatcher';
import { WebhookLoop } from './webhook-loop';
import { WebhookMails } from './webhook-mails';

/** Sends messages to webhooks for as long as the process lives; several runners share the work. */
@Module({ imports: [CommonModule], providers: [WebhookDispatcher, WebhookLoop, WebhookMails], exports: [WebhookDispatcher] })
export class WebhookDispatchModule {}
