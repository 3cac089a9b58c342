import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface CaughtMail {
  /** As the envelope says, which is where a mail really goes. */
  recipients: string[];
  /** Header fields by lower-case name, unfolded. */
  headers: Record<string, string>;
  /** The whole message as it came. */
  raw: string;
}

export interface TestMailServer {
  /** For SMTP_URL. */
  url: string;
  port: number;
  mails: CaughtMail[];
  close(): Promise<void>;
}

export interface MailServerBehaviour {
  port?: number;
  /** Whoever sends mails has to log in with it, under any name. */
  password?: string;
  /** Answer to each message instead of taking it; null takes it. */
  refuse?: (recipients: string[]) => { code: number; message: string } | null;
}

/** A real SMTP server on loopback that keeps what it gets. */
export async function startMailServer({ port = 0, password, refuse = () => null }: MailServerBehaviour = {}): Promise<TestMailServer> {
  const mails: CaughtMail[] = [];
  const server = new SMTPServer({
    authOptional: password === undefined,
    allowInsecureAuth: true,
    disabledCommands: password === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
    onAuth: (given, _session, callback) =>
      given.password === password ? callback(null, { user: given.username }) : callback(new Error('That is not the password.')),
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const recipients = session.envelope.rcptTo.map((one) => one.address);
        const refusal = refuse(recipients);
        if (refusal) return callback(Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
        mails.push(caught(recipients, Buffer.concat(parts).toString('utf8')));
        return callback();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.server.address() as AddressInfo).port;
  return { url: `smtp://127.0.0.1:${bound}`, port: bound, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function caught(recipients: string[], raw: string): CaughtMail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const fields = head
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]);
  return { recipients, headers: Object.fromEntries(fields) as Record<string, string>, raw };
}
