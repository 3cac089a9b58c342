import { Injectable } from '@nestjs/common';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { parseEmail } from '../users/email-address';
import { displayedDate, displayedMoment } from './mail-dates';
import { NoticeWriter } from './notice-writer';
import { OutboxRepository } from './outbox.repository';
import type { WrittenMail } from './run-mails';

/** A run of which a mail tells that it goes. */
export interface GoingRun {
  id: number;
  pipelineTitle: string;
  projectName: string;
  /** Milliseconds since 1970. */
  goneMs: number;
}

/** Mails about the place itself: a mail that tries the mail server, and what will be deleted. */
@Injectable()
export class NoticeMails {
  constructor(
    private readonly config: AppConfig,
    private readonly notices: NoticeWriter,
    private readonly outbox: OutboxRepository,
  ) {}

  /** In the language of whoever asks for it. */
  async writeTest(recipient: string): Promise<void> {
    const values = { ...this.notices.site, moment: displayedMoment(Date.now()) };
    const written = this.notices.write({
      subject: text('operations.testSubject', values),
      cause: text('operations.testBody', values),
      when: '',
      button: '',
      buttonAddress: '',
      reason: text('operations.testReason', values),
      tone: 'calm',
    });
    await this.outbox.write({ runId: null, kind: 'test', attempt: 0, recipient: parseEmail(recipient), ...written });
  }

  /**
   * What goes when, the first first; in the language of the installation, since nobody has asked for it.
   * @param link keeps what is listed; it stands in the mail and nowhere else.
   */
  expiring(runs: readonly GoingRun[], more: number, link: string): WrittenMail {
    return inDefaultLanguage(() => {
      const [first] = runs;
      const count = runs.length + more;
      const values = { ...this.notices.site, count };
      const date = displayedDate(first.goneMs);
      return this.notices.write({
        subject: text('operations.expiringSubject', { ...values, date }),
        cause: text('operations.expiringBody', { ...values, date }),
        when: `${text('operations.expiringHelp')}${more > 0 ? ` ${text('operations.expiringMore', { count: more })}` : ''}`,
        button: text('operations.expiringButton'),
        buttonAddress: link,
        reason: text('operations.expiringReason', { ...values, address: `${this.config.publicUrl}/account#deletion-mails` }),
        tone: 'warn',
        facts: runs.map(({ id, pipelineTitle, projectName, goneMs }) => ({
          label: displayedDate(goneMs),
          value: text('operations.expiringLine', { number: id, pipeline: pipelineTitle, project: projectName }),
          isCode: false,
        })),
      });
    });
  }
}
