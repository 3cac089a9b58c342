import { Body, Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MailDesk, type OutboxNow } from '../../../common/mail/mail-desk';
import type { User } from '../../../common/users/user.entity';
import { text } from '../../../locales/text';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { redirect } from '../../http/addresses';
import { flash } from '../../http/flash';
import { fieldText, fieldTexts } from '../../http/form';

const MOST_PICKED = 500;

/** What `views/admin/mail.hbs` shows. */
interface MailView extends OutboxNow {
  title: string;
  address: string | null;
  /** The last try of the server failed. */
  isDown: boolean;
  more: { failed: number; waiting: number; sent: number };
}

/** The outbox: what waits, what failed and why, and what was sent. */
@Controller('admin/mail')
export class MailAdminController {
  constructor(private readonly desk: MailDesk) {}

  @Get()
  @Access('admin')
  @Render('admin/mail')
  async index(@CurrentPerson() person: User): Promise<MailView> {
    const now = await this.desk.read();
    const { server, counts } = now;
    return {
      ...now,
      title: text('operations.mailTitle'),
      address: person.email,
      isDown: (server.failedMs ?? 0) > (server.tookMs ?? 0),
      more: {
        failed: counts.failed - now.failed.length,
        waiting: counts.waiting - now.waiting.length,
        sent: counts.sent - now.sent.length,
      },
    };
  }

  @Post('retry')
  @Audited('mail.retry')
  @Access('admin')
  async retry(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const isAll = fieldText(form, 'all') === 'yes';
    const picked = numbersIn(fieldTexts(form, 'mail'));
    if (!isAll && picked.length === 0) {
      tellAudit(request, { isNothing: true });
      flash(request, 'warn', 'operations.pickMails');
    } else {
      tellAudit(request, { details: { mails: isAll ? 'all' : picked.join(', ') } });
      const count = await this.desk.retry(isAll ? null : picked);
      tellAudit(request, { details: { count }, ...(count === 0 ? { hasFailed: true } : {}) });
      flash(request, count > 0 ? 'ok' : 'warn', count > 0 ? 'operations.mailRetried' : 'operations.mailNotRetried', { count });
    }
    redirect(response, '/admin/mail');
  }

  @Post('drop')
  @Audited('mail.drop')
  @Access('admin')
  async drop(@Body() form: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const picked = numbersIn(fieldTexts(form, 'mail'));
    if (picked.length === 0) {
      tellAudit(request, { isNothing: true });
      flash(request, 'warn', 'operations.pickMails');
    } else {
      tellAudit(request, { details: { mails: picked.join(', ') } });
      const count = await this.desk.drop(picked);
      tellAudit(request, { details: { count }, ...(count === 0 ? { hasFailed: true } : {}) });
      flash(request, count > 0 ? 'ok' : 'warn', count > 0 ? 'operations.mailDropped' : 'operations.mailNotDropped', { count });
    }
    redirect(response, '/admin/mail');
  }

  @Post('test')
  @Audited('mail.test')
  @Access('admin')
  async sendTest(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (person.email === null) flash(request, 'warn', 'operations.noAddress');
    else {
      await this.desk.sendTest(person.email);
      flash(request, 'ok', 'operations.testSent', { address: person.email });
    }
    redirect(response, '/admin/mail');
  }
}

function numbersIn(entered: readonly string[]): number[] {
  return entered
    .slice(0, MOST_PICKED)
    .filter((one) => /^[1-9]\d{0,8}$/.test(one))
    .map(Number);
}
