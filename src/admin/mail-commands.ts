import { Injectable } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { MailDesk } from '../common/mail/mail-desk';
import type { MailLine } from '../common/mail/outbox-lines.repository';
import { clockTime, plainTable } from './plain-table';

/** The outbox from the shell. Each command returns the text to print. */
@Injectable()
export class MailCommands {
  constructor(private readonly desk: MailDesk) {}

  async list(): Promise<string> {
    const { failed, waiting, counts, server, hasServer, nowMs } = await this.desk.read();
    const parts = [
      hasServer ? '' : 'No mail server is set (SMTP_URL): mails are written as files into MAIL_DIR.',
      server.tookMs === null ? '' : `The server last took a mail at ${clockTime(server.tookMs, nowMs)}.`,
      server.failedMs === null ? '' : `It could last not be used at ${clockTime(server.failedMs, nowMs)}: ${server.error}`,
      `${counts.waiting} waiting, ${counts.failed} failed, ${counts.sent} sent in the last 7 days.`,
    ];
    const lines = [...failed, ...waiting];
    const table =
      lines.length === 0
        ? ''
        : plainTable(
            HEAD,
            lines.map((line) => rowOf(line, nowMs)),
          );
    return [...parts, table].filter((part) => part !== '').join('\n');
  }

  /** @param id null: all that failed. @throws StartupError when there is nothing to try. */
  async retry(id: number | null): Promise<string> {
    const count = await this.desk.retry(id === null ? null : [id]);
    if (count === 0) throw new StartupError('There is no such mail to try again. "node dist/admin outbox" lists them.', EXIT_DATA);
    return `${count} ${count === 1 ? 'mail is' : 'mails are'} tried again now, by a runner.`;
  }

  /** @throws StartupError when it was sent, or never was. */
  async drop(id: number): Promise<string> {
    if ((await this.desk.drop([id])) === 0)
      throw new StartupError(`There is no mail ${id} that was not sent. "node dist/admin outbox" lists them.`, EXIT_DATA);
    return `Mail ${id} is taken out of the outbox.`;
  }
}

const HEAD = ['MAIL', 'TO', 'WRITTEN', 'TRIES', 'NEXT TRY', 'SUBJECT', 'ERROR'];

function rowOf({ id, recipient, createdMs, tries, nextTryMs, subject, lastError, isGivenUp }: MailLine, nowMs: number): string[] {
  const next = isGivenUp ? 'given up' : clockTime(nextTryMs, nowMs);
  return [String(id), recipient, clockTime(createdMs, nowMs), String(tries), next, subject, lastError ?? ''];
}
