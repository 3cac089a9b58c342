import { Injectable } from '@nestjs/common';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../../common/config/app-config';
import { parseEmail } from '../../common/users/email-address';
import { UsersRepository } from '../../common/users/users.repository';
import { NoticeWriter } from '../../common/mail/notice-writer';
import { OutboxRepository } from '../../common/mail/outbox.repository';
import type { WrittenMail } from '../../common/mail/run-mails';

/** The address that is told nothing any more. */
export interface PausedWebhook {
  id: string;
  projectId: string | null;
  pipelineId: string | null;
  ownerId: string;
  url: string;
}

/** The mail about a webhook that was paused because nobody answers there, in the language of the installation. */
@Injectable()
export class WebhookMails {
  constructor(
    private readonly config: AppConfig,
    private readonly notices: NoticeWriter,
    private readonly outbox: OutboxRepository,
    private readonly users: UsersRepository,
  ) {}

  /** To whoever made it, where they are there and have an address. */
  async paused(webhook: PausedWebhook, why: string): Promise<void> {
    const owner = await this.users.findById(webhook.ownerId);
    if (!owner?.email || owner.leavingMs !== null) return;
    const mail = inDefaultLanguage(() => this.compose(webhook, why));
    await this.outbox.write({ runId: null, kind: 'webhook', attempt: 0, recipient: parseEmail(owner.email), ...mail });
  }

  private compose({ id, projectId, pipelineId, url }: PausedWebhook, why: string): WrittenMail {
    // Of the address only where it leads: the rest may be a secret.
    const values = { ...this.notices.site, host: new URL(url).host };
    const place = projectId === null ? `/admin/pipelines/${encodeURIComponent(pipelineId ?? '')}` : `/projects/${projectId}`;
    return this.notices.write({
      subject: text('webhooks.mailSubject', values),
      cause: why,
      when: text('webhooks.mailWhen', values),
      button: text('webhooks.mailButton'),
      buttonAddress: `${this.config.publicUrl}${place}/webhooks/${id}`,
      reason: text('webhooks.mailReason', values),
      tone: 'warn',
    });
  }
}
