import { Injectable } from '@nestjs/common';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../../common/config/app-config';
import { parseEmail } from '../../common/users/email-address';
import { UsersRepository } from '../../common/users/users.repository';
import { MailTemplates } from '../../common/mail/mail-templates';
import { OutboxRepository } from '../../common/mail/outbox.repository';

const WARN = '#8a5a00';

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
    private readonly templates: MailTemplates,
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

  private compose({ id, projectId, pipelineId, url }: PausedWebhook, why: string) {
    const { SITE_NAME } = this.config.settings;
    // Of the address only where it leads: the rest may be a secret.
    const values = { host: new URL(url).host, product: SITE_NAME || text('common.product'), address: this.config.publicUrl };
    const subject = text('webhooks.mailSubject', values);
    const place = projectId === null ? `/admin/pipelines/${encodeURIComponent(pipelineId ?? '')}` : `/projects/${projectId}`;
    const model = {
      subject,
      heading: subject,
      cause: why,
      when: text('webhooks.mailWhen', values),
      button: text('webhooks.mailButton'),
      buttonAddress: `${this.config.publicUrl}${place}/webhooks/${id}`,
      reason: text('webhooks.mailReason', values),
      facts: [],
      site: SITE_NAME,
      colour: WARN,
      tone: 'warn',
      word: '',
      mark: '',
    };
    return {
      subject: subject.slice(0, 255),
      textBody: this.templates.text('notice', model),
      htmlBody: this.templates.html('notice', model),
    };
  }
}
