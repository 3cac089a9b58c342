import { Injectable } from '@nestjs/common';
import { text, type TextKey, type TextValues } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import { parseEmail } from '../users/email-address';
import { displayedDate, displayedMoment } from './mail-dates';
import type { AccountMailKind } from './mail.entity';
import { NoticeWriter } from './notice-writer';
import { OutboxRepository } from './outbox.repository';

/** What a mail about an account says: where it leads, for mails with a link, and what its sentences are filled in with. */
export interface AccountMailParts {
  link?: string;
  values?: TextValues;
  /** The day that it tells, milliseconds since 1970. */
  dayMs?: number;
}

interface Wording {
  subject: TextKey;
  /** What it is about, and what to do. */
  body: TextKey;
  /** What to do if it was somebody else. */
  warning: TextKey;
  button?: TextKey;
}

const WORDINGS: Record<AccountMailKind, Wording> = {
  confirm: {
    subject: 'mail.confirmSubject',
    body: 'mail.confirmBody',
    warning: 'mail.confirmWarning',
    button: 'mail.confirmButton',
  },
  reset: { subject: 'mail.resetSubject', body: 'mail.resetBody', warning: 'mail.resetWarning', button: 'mail.resetButton' },
  move: { subject: 'mail.moveSubject', body: 'mail.moveBody', warning: 'mail.moveWarning', button: 'mail.moveButton' },
  moving: { subject: 'mail.movingSubject', body: 'mail.movingBody', warning: 'mail.movingWarning' },
  moved: { subject: 'mail.movedSubject', body: 'mail.movedBody', warning: 'mail.notYouWarning' },
  password: { subject: 'mail.passwordSubject', body: 'mail.passwordBody', warning: 'mail.notYouWarning' },
  connected: { subject: 'mail.connectedSubject', body: 'mail.connectedBody', warning: 'mail.notYouWarning', button: 'mail.accountButton' },
  disconnected: {
    subject: 'mail.disconnectedSubject',
    body: 'mail.disconnectedBody',
    warning: 'mail.notYouWarning',
    button: 'mail.accountButton',
  },
  shared: { subject: 'mail.sharedSubject', body: 'mail.sharedBody', warning: 'mail.sharedWarning', button: 'mail.sharedButton' },
  sharedToRun: { subject: 'mail.sharedSubject', body: 'mail.sharedToRunBody', warning: 'mail.sharedWarning', button: 'mail.sharedButton' },
  leaving: { subject: 'mail.leavingSubject', body: 'mail.leavingBody', warning: 'mail.leavingWarning' },
};

/** The mails about accounts, in the language of whoever caused them. Without a mail server nothing is written: nobody would get it. */
@Injectable()
export class AccountMails {
  constructor(
    private readonly config: AppConfig,
    private readonly notices: NoticeWriter,
    private readonly outbox: OutboxRepository,
  ) {}

  /** Whether there is a mail server. */
  get areSent(): boolean {
    return this.config.settings.SMTP_URL !== undefined;
  }

  /** Days before results are deleted at which their owners hear of it; 0: never. */
  get warnDays(): number {
    return this.areSent ? this.config.settings.WARN_DAYS : 0;
  }

  /** Puts a mail into the outbox; runners look there every second. */
  async write(kind: AccountMailKind, recipient: string, { link = '', values = {}, dayMs = 0 }: AccountMailParts = {}): Promise<void> {
    if (!this.areSent) return;
    const { subject, body, warning, button } = WORDINGS[kind];
    const all = { ...values, ...this.notices.site, moment: displayedMoment(Date.now()), date: displayedDate(dayMs) };
    const written = this.notices.write({
      subject: text(subject, all),
      cause: text(body, all),
      when: text(warning, all),
      button: button === undefined ? '' : text(button),
      buttonAddress: link,
      reason: text('mail.reasonAccount', all),
      tone: 'calm',
    });
    await this.outbox.write({ runId: null, kind, attempt: 0, recipient: parseEmail(recipient), ...written });
  }
}
