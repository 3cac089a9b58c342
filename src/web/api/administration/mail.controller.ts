import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../common/errors';
import { MailDesk } from '../../../common/mail/mail-desk';
import { MAIL_STATES, type MailLine } from '../../../common/mail/outbox-lines.repository';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { runNumberIn } from '../../http/ids';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const MOST_MAILS = 500;
const time = z.iso.datetime();
const mailNumber = z.int().min(1).max(999_999_999);

const mailSchema = z
  .object({
    id: z.int(),
    state: says(z.enum(MAIL_STATES), 'apiAdmin.mailState'),
    kind: z.string(),
    recipient: z.string(),
    subject: z.string(),
    run: says(z.int().nullable(), 'apiAdmin.mailRun'),
    createdAt: time,
    sentAt: time.nullable(),
    nextTryAt: says(time.nullable(), 'apiAdmin.mailNextTry'),
    tries: z.int(),
    error: says(z.string().nullable(), 'apiAdmin.mailError'),
    isGivenUp: says(z.boolean(), 'apiAdmin.mailGivenUp'),
    mayRetry: says(z.boolean(), 'apiAdmin.mailMayRetry'),
  })
  .meta({ id: 'Mail' });
const listQuery = pageQuery({ state: says(z.enum(MAIL_STATES).default('failed'), 'apiAdmin.mailState') });
const listSchema = pageOf(mailSchema);
const serverSchema = z
  .object({
    hasServer: says(z.boolean(), 'apiAdmin.mailHasServer'),
    tookAt: says(time.nullable(), 'apiAdmin.mailTook'),
    failedAt: says(time.nullable(), 'apiAdmin.mailFailed'),
    error: says(z.string(), 'apiAdmin.mailServerError'),
    counts: says(z.object({ failed: z.int(), waiting: z.int(), sent: z.int() }), 'apiAdmin.mailCounts'),
  })
  .meta({ id: 'MailServer' });
const retryOrder = z.strictObject({
  mails: says(z.union([z.literal('all'), z.array(mailNumber).min(1).max(MOST_MAILS)]), 'apiAdmin.mailsToRetry'),
});
const dropOrder = z.strictObject({ mails: says(z.array(mailNumber).min(1).max(MOST_MAILS), 'apiAdmin.mailsToDrop') });
const countSchema = z.object({ count: says(z.int(), 'apiAdmin.mailCount') });

type CountJson = z.infer<typeof countSchema>;

/** The outbox, for programs of administrators: never the text of a mail, which may hold a link that opens an account. */
@Controller(`${API_ROOT}/admin`)
export class ApiMailController {
  constructor(private readonly desk: MailDesk) {}

  @Get('mail-server')
  @Api({ area: 'administration', summary: 'apiAdmin.showMailServer', scope: 'admin', answer: serverSchema })
  @Access('admin')
  async server(): Promise<z.infer<typeof serverSchema>> {
    const { server, hasServer, counts } = await this.desk.server();
    const { tookMs, failedMs, error } = server;
    return { hasServer, tookAt: isoTimeOrNull(tookMs), failedAt: isoTimeOrNull(failedMs), error, counts };
  }

  @Get('mails')
  @Api({ area: 'administration', summary: 'apiAdmin.listMails', scope: 'admin', query: listQuery, answer: listSchema })
  @Access('admin')
  async list(@ApiQuery() { state, limit, after }: z.infer<typeof listQuery>): Promise<z.infer<typeof listSchema>> {
    const mails = await this.desk.page(state, decodeCursor(mailNumber, after), limit);
    return { items: mails.map(mailJson), next: mails.length === limit ? encodeCursor(mails.at(-1)!.id) : null };
  }

  @Get('mails/:mail')
  @Api({ area: 'administration', summary: 'apiAdmin.showMail', scope: 'admin', answer: mailSchema })
  @Access('admin')
  async show(@Param('mail') number: string): Promise<z.infer<typeof mailSchema>> {
    const id = runNumberIn(number);
    const mail = id === null ? null : await this.desk.find(id);
    if (!mail) throw new NotFoundError('apiAdmin.noSuchMail');
    return mailJson(mail);
  }

  @Post('mails/retry')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.retryMails',
    scope: 'admin',
    body: retryOrder,
    answer: countSchema,
    example: { body: { mails: 'all' } },
  })
  @Audited('mail.retry')
  @Access('admin')
  async retry(@ApiBody() { mails }: z.infer<typeof retryOrder>, @Req() request: Request): Promise<CountJson> {
    const count = await this.desk.retry(mails === 'all' ? null : mails);
    return counted(request, mails === 'all' ? mails : mails.join(', '), count);
  }

  @Post('mails/drop')
  @Api({
    area: 'administration',
    summary: 'apiAdmin.dropMails',
    scope: 'admin',
    body: dropOrder,
    answer: countSchema,
    example: { body: { mails: [7] } },
  })
  @Audited('mail.drop')
  @Access('admin')
  async drop(@ApiBody() { mails }: z.infer<typeof dropOrder>, @Req() request: Request): Promise<CountJson> {
    return counted(request, mails.join(', '), await this.desk.drop(mails));
  }

  @Post('mails/test')
  @Api({ area: 'administration', summary: 'apiAdmin.testMail', scope: 'admin', answer: null })
  @Audited('mail.test')
  @Access('admin')
  async sendTest(@CurrentPerson() { email }: User): Promise<void> {
    if (email === null) throw new ConflictError('operations.noAddress');
    await this.desk.sendTest(email);
  }
}

function counted(request: Request, mails: string, count: number): CountJson {
  tellAudit(request, { details: { mails, count }, ...(count === 0 ? { hasFailed: true } : {}) });
  return { count };
}

function mailJson(mail: MailLine): z.infer<typeof mailSchema> {
  const { id, runId, kind, recipient, subject, createdMs, nextTryMs, tries, sentMs, lastError, isGivenUp, mayRetry } = mail;
  return {
    id,
    state: sentMs !== null ? 'sent' : isGivenUp || lastError !== null ? 'failed' : 'waiting',
    kind,
    recipient,
    subject,
    run: runId,
    createdAt: isoTime(createdMs),
    sentAt: isoTimeOrNull(sentMs),
    nextTryAt: sentMs !== null || isGivenUp ? null : isoTime(nextTryMs),
    tries,
    error: lastError,
    isGivenUp,
    mayRetry,
  };
}
