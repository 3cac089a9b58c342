import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { Poke } from '../queue/poke.service';
import { QueueStore } from '../queue/queue-store';
import { NoticeMails } from './notice-mails';
import { MailServerRepository, type ServerState } from './mail-server.repository';
import { OutboxLinesRepository, type MailLine, type MailState, type OutboxLines } from './outbox-lines.repository';

const SENT_DAYS = 7;
const DAY_MS = 86_400_000;

export interface OutboxNow extends OutboxLines {
  nowMs: number;
  server: ServerState;
  /** Whether there is a mail server; else mails become files. */
  hasServer: boolean;
}

/** The outbox as an administrator sees and steers it, from the page and from the shell. */
@Injectable()
export class MailDesk {
  constructor(
    private readonly mails: OutboxLinesRepository,
    private readonly config: AppConfig,
    private readonly state: MailServerRepository,
    private readonly queue: QueueStore,
    private readonly notices: NoticeMails,
    private readonly poke: Poke,
  ) {}

  async read(): Promise<OutboxNow> {
    const nowMs = await this.queue.nowMs();
    return { nowMs, ...(await this.mails.read(nowMs - SENT_DAYS * DAY_MS)), ...(await this.serverNow()) };
  }

  /** How the mail server does, and how much there is. */
  async server(): Promise<Pick<OutboxNow, 'server' | 'hasServer' | 'counts'>> {
    const nowMs = await this.queue.nowMs();
    return { ...(await this.serverNow()), counts: await this.mails.counts(nowMs - SENT_DAYS * DAY_MS) };
  }

  /** Those of a state, the latest first. @param beforeId older ones than this; null: from the latest. */
  page(state: MailState, beforeId: number | null, most: number): Promise<MailLine[]> {
    return this.mails.page(state, beforeId, most);
  }

  find(id: number): Promise<MailLine | null> {
    return this.mails.find(id);
  }

  /** Makes failed mails due at once. @param ids null: all. @returns how many. */
  async retry(ids: readonly number[] | null): Promise<number> {
    const count = await this.mails.retry(ids);
    void this.poke.pokeRunners();
    return count;
  }

  /** Takes mails that were not sent out of the outbox. @returns how many. */
  drop(ids: readonly number[]): Promise<number> {
    return this.mails.drop(ids);
  }

  /** A mail that shows whether mails arrive. */
  async sendTest(recipient: string): Promise<void> {
    await this.notices.writeTest(recipient);
    void this.poke.pokeRunners();
  }

  private async serverNow(): Promise<Pick<OutboxNow, 'server' | 'hasServer'>> {
    return { server: await this.state.read(), hasServer: this.config.settings.SMTP_URL !== undefined };
  }
}
