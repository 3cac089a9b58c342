import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { FactsRepository } from '../database/facts.repository';
import { pauseAfter } from '../retry-pause';
import type { Mail } from './mail.entity';
import { mailSender } from './mail-sender';
import { MailServerRepository } from './mail-server.repository';
import { isServerAway, LONGEST_TRY_SECONDS, MailTransport } from './mail-transport';
import { OutboxRepository, type MailClaim } from './outbox.repository';
import { RunNewsDesk } from './run-news-desk';

const PATIENCE_SECONDS = 3 * 86_400;
const LEASE_SECONDS = LONGEST_TRY_SECONDS + 20;
const AT_ONCE = 50;

/**
 * One round of mail work: what has happened becomes rows of the outbox, and due rows are sent. Any number of processes may do this at
 * the same time. Each mail is written once; it is sent once, unless a process dies between the server's yes and our note of it: then it
 * is sent again, with the same message id.
 */
@Injectable()
export class MailDispatcher {
  private readonly logger = new Logger('Mail');
  /** By the clock of this process, which is compared with nothing else. */
  private serverRestsUntil = 0;

  constructor(
    private readonly config: AppConfig,
    private readonly facts: FactsRepository,
    private readonly outbox: OutboxRepository,
    private readonly desk: RunNewsDesk,
    private readonly transport: MailTransport,
    private readonly server: MailServerRepository,
  ) {}

  /** @param mayGoOn is asked before each mail; false ends the round early. */
  async work(mayGoOn: () => boolean = () => true): Promise<void> {
    while (await this.desk.writeMails(AT_ONCE)) if (!mayGoOn()) return;
    await this.sendDue(mayGoOn);
  }

  private async sendDue(mayGoOn: () => boolean): Promise<void> {
    for (const mail of await this.outbox.findDue(AT_ONCE)) {
      if (!mayGoOn() || performance.now() < this.serverRestsUntil) return;
      const claim = await this.outbox.claim(mail, LEASE_SECONDS);
      if (claim) await this.send(mail, claim);
    }
  }

  private async send(mail: Mail, claim: MailClaim): Promise<void> {
    const from = mailSender(this.config.settings);
    const messageId = `<${mail.id}.${await this.facts.installationId()}@${domainOf(from.address)}>`;
    try {
      await this.transport.send({ mail, from, messageId });
    } catch (error) {
      await this.putOff(mail, claim, error);
      return;
    }
    await this.outbox.markSent(claim);
    await this.tell(() => this.server.took());
  }

  /** What is remembered for the administrator must not hold up a mail. */
  private async tell(note: () => Promise<void>): Promise<void> {
    await note().catch((error: unknown) => this.logger.debug(`The state of the mail server could not be written down: ${String(error)}`));
  }

  private async putOff(mail: Mail, claim: MailClaim, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    if (isServerAway(error)) {
      this.serverRestsUntil = performance.now() + pauseAfter(1) * 1000;
      await this.tell(() => this.server.failed(reason));
    }
    const pause = pauseAfter(claim.tries);
    const isGivenUp = await this.outbox.postpone(claim, pause, PATIENCE_SECONDS, reason);
    const what = `Mail ${mail.id} to ${mail.recipient} with subject ${JSON.stringify(mail.subject)} could not be sent (${reason}).`;
    if (isGivenUp) this.logger.error(`${what} It is given up after ${claim.tries} tries.`);
    else this.logger.warn(`${what} Next try in ${pause} s.`);
  }
}

function domainOf(address: string): string {
  return /@([\w.-]+)/.exec(address)?.[1] ?? 'localhost';
}
