import { Logger } from '@nestjs/common';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { text } from '../../locales/text';
import { DomainError } from '../errors';
import { makeFolder } from '../make-folder';
import { parseEmail } from '../users/email-address';
import type { MailSender } from './mail-sender';
import type { Mail } from './mail.entity';

/** A mail as a transport takes it. */
export interface OutgoingMail {
  mail: Pick<Mail, 'id' | 'runId' | 'kind' | 'recipient' | 'subject' | 'textBody' | 'htmlBody'>;
  from: MailSender;
  /** The same at every try, so that mail programs recognise a repetition. */
  messageId: string;
}

/** Takes one mail to its reader, or throws. */
export abstract class MailTransport {
  abstract send(outgoing: OutgoingMail): Promise<void>;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const WHOLE_MS = 100_000;
/** Longest time that one try takes; a claim lasts longer than that. */
export const LONGEST_TRY_SECONDS = WHOLE_MS / 1000;

// Bodies are ours, but nothing that a mail names is ever fetched from disk or network.
const CLOSED = { disableFileAccess: true, disableUrlAccess: true } as const;

/** Sends by SMTP, one connection per mail. */
export class SmtpTransport extends MailTransport {
  private readonly transporter: Transporter;

  /** @param address `smtp://user:password@host:587`, or `smtps://…`. */
  constructor(address: string) {
    super();
    const times = { connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, dnsTimeout: CONNECT_MS, socketTimeout: SILENCE_MS };
    this.transporter = createTransport({ url: address, ...times, ...CLOSED } as Parameters<typeof createTransport>[0]);
  }

  async send(outgoing: OutgoingMail): Promise<void> {
    await withinTime(this.transporter.sendMail(messageOf(outgoing)));
  }
}

/** Without a mail server: each mail becomes an `.eml` file, which mail programs open, and a line in the log. */
export class FolderTransport extends MailTransport {
  private readonly logger = new Logger('Mail');
  private readonly transporter = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...CLOSED });

  constructor(private readonly folder: string) {
    super();
  }

  async send(outgoing: OutgoingMail): Promise<void> {
    const { mail } = outgoing;
    const { message } = await this.transporter.sendMail(messageOf(outgoing));
    makeFolder(this.folder);
    const file = join(this.folder, `${String(mail.id).padStart(6, '0')}-run-${mail.runId ?? 0}-${mail.kind}.eml`);
    await writeFile(`${file}.part`, message as Buffer, { mode: 0o640 });
    await rename(`${file}.part`, file);
    this.logger.log(text('mail.sentTo', { recipient: mail.recipient, subject: mail.subject, file }));
  }
}

/**
 * Whether it is the server that cannot be used now, rather than one mail that it refused: then no other mail has a better chance.
 */
export function isServerAway(error: unknown): boolean {
  if (error instanceof DomainError) return false;
  const { responseCode, code } = (error ?? {}) as { responseCode?: unknown; code?: unknown };
  return responseCode === undefined || responseCode === 421 || code === 'EAUTH';
}

/** One recipient, as a checked plain address: in a text, commas, groups and line breaks would add others. */
function messageOf({ mail, from, messageId }: OutgoingMail): SendMailOptions {
  return {
    from,
    to: { name: '', address: parseEmail(mail.recipient) },
    subject: mail.subject,
    text: mail.textBody,
    html: mail.htmlBody,
    messageId,
    // Keeps holiday notices from answering.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    ...CLOSED,
  };
}

/** A server that sends one byte now and then would outlast the claim. */
async function withinTime(sending: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The mail server took longer than ${LONGEST_TRY_SECONDS} s.`)), WHOLE_MS);
  });
  try {
    await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}
