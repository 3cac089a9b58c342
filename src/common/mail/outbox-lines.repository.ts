import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, MoreThan, Not, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Mail } from './mail.entity';
import { NEVER_MS } from '../database/never';

const MOST_LISTED = 200;

/** A mail as an administrator may see it: never its text, which may hold a link that opens an account. */
export interface MailLine extends Pick<
  Mail,
  'id' | 'runId' | 'kind' | 'recipient' | 'subject' | 'createdMs' | 'nextTryMs' | 'tries' | 'sentMs' | 'lastError'
> {
  /** Nobody tries any more. */
  isGivenUp: boolean;
  /** Whether it can be sent again: of a mail with a link the text is gone once it was given up. */
  mayRetry: boolean;
}

export const MAIL_STATES = ['failed', 'waiting', 'sent'] as const;
export type MailState = (typeof MAIL_STATES)[number];

export interface OutboxLines {
  /** Given up, or failed at the last try, the latest first. */
  failed: MailLine[];
  /** Not tried yet, or under way. */
  waiting: MailLine[];
  /** Of the last days, the latest first. */
  sent: MailLine[];
  /** How many there are of each, listed or not. */
  counts: Record<MailState, number>;
}

const SHOWN = {
  id: true,
  runId: true,
  kind: true,
  recipient: true,
  subject: true,
  createdMs: true,
  nextTryMs: true,
  tries: true,
  sentMs: true,
  lastError: true,
} as const;
const FAILED: FindOptionsWhere<Mail>[] = [
  { sentMs: IsNull(), nextTryMs: NEVER_MS },
  { sentMs: IsNull(), nextTryMs: LessThan(NEVER_MS), lastError: Not(IsNull()) },
];
const WAITING: FindOptionsWhere<Mail> = { sentMs: IsNull(), nextTryMs: LessThan(NEVER_MS), lastError: IsNull() };
const WHERE: Record<MailState, FindOptionsWhere<Mail> | FindOptionsWhere<Mail>[]> = {
  failed: FAILED,
  waiting: WAITING,
  sent: { sentMs: Not(IsNull()) },
};
/** One more try is possible while there is something to send; a mail that is under way has no error (see `OutboxRepository.claim`). */
const RETRIABLE = `sent_ms IS NULL AND last_error IS NOT NULL AND text_body <> ''`;

/** The outbox by lines, for whoever looks after it. */
@Injectable()
export class OutboxLinesRepository {
  private readonly now: string;

  constructor(@InjectRepository(Mail) private readonly mails: Repository<Mail>) {
    this.now = NOW_MS[dialectOf(mails.manager.connection.options)];
  }

  /** @param sinceMs from when on sent mails are listed. */
  async read(sinceMs: number): Promise<OutboxLines> {
    const sentSince = { sentMs: MoreThan(sinceMs) };
    return {
      failed: await this.withRetries(await this.list(FAILED, 'id')),
      waiting: (await this.list(WAITING, 'id')).map((mail) => lineOf(mail, false)),
      sent: (await this.list(sentSince, 'sentMs')).map((mail) => lineOf(mail, false)),
      counts: await this.counts(sinceMs),
    };
  }

  /** @param sinceMs from when on sent mails count. */
  async counts(sinceMs: number): Promise<OutboxLines['counts']> {
    return {
      failed: await this.mails.countBy(FAILED),
      waiting: await this.mails.countBy(WAITING),
      sent: await this.mails.countBy({ sentMs: MoreThan(sinceMs) }),
    };
  }

  /** Those of a state, the latest first. @param beforeId older ones than this; null: from the latest. */
  async page(state: MailState, beforeId: number | null, most: number): Promise<MailLine[]> {
    const older = beforeId === null ? {} : { id: LessThan(beforeId) };
    const where = [WHERE[state]].flat().map((one) => ({ ...one, ...older }));
    return this.withRetries(await this.mails.find({ select: SHOWN, where, order: { id: 'DESC' }, take: most }));
  }

  async find(id: number): Promise<MailLine | null> {
    const [line] = await this.withRetries(await this.mails.find({ select: SHOWN, where: { id } }));
    return line ?? null;
  }

  /** Makes failed mails due at once. @param ids null: all. @returns how many. */
  async retry(ids: readonly number[] | null): Promise<number> {
    if (ids?.length === 0) return 0;
    const update = this.mails
      .createQueryBuilder()
      .update()
      .set({ nextTryMs: () => this.now })
      .where(RETRIABLE);
    if (ids) update.andWhere({ id: In([...ids]) });
    const { affected } = await repeatWhileBusy(() => update.execute());
    return affected ?? 0;
  }

  /** Takes mails that were not sent out of the outbox. @returns how many. */
  async drop(ids: readonly number[]): Promise<number> {
    if (ids.length === 0) return 0;
    const { affected } = await repeatWhileBusy(() => this.mails.delete({ id: In([...ids]), sentMs: IsNull() }));
    return affected ?? 0;
  }

  private list(where: FindOptionsWhere<Mail> | FindOptionsWhere<Mail>[], by: 'id' | 'sentMs'): Promise<Mail[]> {
    return this.mails.find({ select: SHOWN, where, order: { [by]: 'DESC' }, take: MOST_LISTED });
  }

  private async withRetries(mails: readonly Mail[]): Promise<MailLine[]> {
    const retriable = new Set(await this.retriable(mails.map(({ id }) => id)));
    return mails.map((mail) => lineOf(mail, retriable.has(mail.id)));
  }

  private async retriable(ids: readonly number[]): Promise<number[]> {
    if (ids.length === 0) return [];
    const rows = await this.mails
      .createQueryBuilder('mail')
      .select('mail.id', 'id')
      .where(RETRIABLE)
      .andWhere({ id: In([...ids]) })
      .getRawMany<{ id: number | string }>();
    return rows.map(({ id }) => Number(id));
  }
}

function lineOf(
  { id, runId, kind, recipient, subject, createdMs, nextTryMs, tries, sentMs, lastError }: Mail,
  mayRetry: boolean,
): MailLine {
  const isGivenUp = sentMs === null && nextTryMs === NEVER_MS;
  return { id, runId, kind, recipient, subject, createdMs, nextTryMs, tries, sentMs, lastError, isGivenUp, mayRetry };
}
