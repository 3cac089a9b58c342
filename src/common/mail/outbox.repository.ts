import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, LessThan, Not, type FindOptionsWhere, type Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import { NEVER_MS } from '../database/never';
import { repeatWhileBusy } from '../database/repeat-while-busy';
import { Run, RunEvent } from '../queue/run.entity';
import { Mail } from './mail.entity';

/** A mail as it is written; its times are the database's. */
export type NewMail = Pick<Mail, 'runId' | 'kind' | 'attempt' | 'recipient' | 'subject' | 'textBody' | 'htmlBody'>;

/** A try of one mail that nobody else is making: `tries` stands in the WHERE of what is written about it. */
export type MailClaim = Pick<Mail, 'id' | 'tries'>;

/** A mail about an account holds a link that opens it: the words stay in the outbox no longer than it takes to send them. */
const WITHOUT_SECRETS = {
  textBody: () => "CASE WHEN run_id IS NULL THEN '' ELSE text_body END",
  htmlBody: () => "CASE WHEN run_id IS NULL THEN '' ELSE html_body END",
};

/** The outbox (table `mails`), and the mark on the events that it was written from. */
@Injectable()
export class OutboxRepository {
  private readonly now: string;

  constructor(
    @InjectRepository(Mail) private readonly mails: Repository<Mail>,
    @InjectRepository(RunEvent) private readonly events: Repository<RunEvent>,
    @InjectRepository(Run) private readonly runs: Repository<Run>,
  ) {
    this.now = NOW_MS[dialectOf(mails.manager.connection.options)];
  }

  /** Events of which nobody has written the mail yet, oldest first. */
  findUnmailed(limit: number): Promise<RunEvent[]> {
    return this.events.find({ where: { mailed: false }, order: { id: 'ASC' }, take: limit });
  }

  findRuns(ids: readonly number[]): Promise<Run[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.runs.findBy({ id: In([...ids]) });
  }

  /** Writes a mail once: the unique index on run, kind and attempt turns a repetition into nothing. */
  async write(mail: NewMail): Promise<void> {
    const values = { ...mail, createdMs: () => this.now, nextTryMs: () => this.now, tries: 0, sentMs: null, lastError: null };
    await repeatWhileBusy(() => this.mails.createQueryBuilder().insert().values(values).orIgnore().execute());
  }

  async markMailed(eventIds: readonly number[]): Promise<void> {
    if (eventIds.length === 0) return;
    await repeatWhileBusy(() => this.events.update({ id: In([...eventIds]) }, { mailed: true }));
  }

  findDue(limit: number): Promise<Mail[]> {
    return this.mails
      .createQueryBuilder('mail')
      .where(`mail.sent_ms IS NULL AND mail.next_try_ms <= ${this.now}`)
      .orderBy('mail.next_try_ms')
      .addOrderBy('mail.id')
      .limit(limit)
      .getMany();
  }

  /**
   * Takes one try of a mail for this process. If the process dies, the mail is due again after `leaseSeconds`. What went wrong at the
   * last try is told no more: a mail with an error rests, and may be asked to be tried again; one without may be on its way.
   * @returns null when another process was quicker.
   */
  async claim({ id, tries }: MailClaim, leaseSeconds: number): Promise<MailClaim | null> {
    const taken = await this.changeIf(
      { id, tries },
      { tries: () => 'tries + 1', nextTryMs: () => this.later(leaseSeconds), lastError: null },
    );
    return taken ? { id, tries: tries + 1 } : null;
  }

  async markSent(claim: MailClaim): Promise<void> {
    await this.changeIf(claim, { sentMs: () => this.now, lastError: null, ...WITHOUT_SECRETS });
  }

  /**
   * Writes down why a try failed and when the next one is.
   * @param patienceSeconds age at which a mail that still fails is given up.
   * @returns whether it was given up.
   */
  async postpone(claim: MailClaim, seconds: number, patienceSeconds: number, reason: string): Promise<boolean> {
    const nextTryMs = () =>
      `CASE WHEN created_ms + ${patienceSeconds * 1000} < ${this.now} THEN ${NEVER_MS} ELSE ${this.later(seconds)} END`;
    await this.changeIf(claim, { nextTryMs, lastError: reason.slice(0, 1000) });
    const isGivenUp = await this.mails.existsBy({ id: claim.id, sentMs: IsNull(), nextTryMs: NEVER_MS });
    if (isGivenUp) await this.changeIf(claim, WITHOUT_SECRETS);
    return isGivenUp;
  }

  /** Mails that nobody tries to send any more, and those of which the last try failed and another one follows. */
  async countTroubled(): Promise<{ givenUp: number; failing: number }> {
    const [givenUp, failing] = await Promise.all([
      this.mails.countBy({ sentMs: IsNull(), nextTryMs: NEVER_MS }),
      this.mails.countBy({ sentMs: IsNull(), nextTryMs: LessThan(NEVER_MS), lastError: Not(IsNull()) }),
    ]);
    return { givenUp, failing };
  }

  /** Mails written before then that are sent or given up. */
  countDone(beforeMs: number): Promise<number> {
    return this.mails.countBy(doneBefore(beforeMs));
  }

  async deleteDone(beforeMs: number): Promise<void> {
    for (const done of doneBefore(beforeMs)) await repeatWhileBusy(() => this.mails.delete(done));
  }

  async deleteOfRun(runId: number): Promise<void> {
    await repeatWhileBusy(() => this.mails.delete({ runId }));
  }

  /** Mails to a person that have not gone out yet. @param beforeMs those written then or later go out. */
  async deleteUnsentTo(recipient: string, beforeMs: number): Promise<void> {
    await repeatWhileBusy(() => this.mails.delete({ recipient, sentMs: IsNull(), createdMs: LessThan(beforeMs) }));
  }

  private async changeIf({ id, tries }: MailClaim, change: Parameters<Repository<Mail>['update']>[1]): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.mails.update({ id, tries, sentMs: IsNull() }, change));
    return (affected ?? 0) > 0;
  }

  private later(seconds: number): string {
    return `${this.now} + ${Math.round(seconds * 1000)}`;
  }
}

function doneBefore(beforeMs: number): FindOptionsWhere<Mail>[] {
  const old = { createdMs: LessThan(beforeMs) };
  return [
    { ...old, sentMs: Not(IsNull()) },
    { ...old, nextTryMs: NEVER_MS },
  ];
}
