import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { ExternalUser } from './external-user.entity';
import { ExternalUsers } from './external-users';
import { MasterTable, type MasterPerson } from './master-table';
import { MirrorsRepository } from './mirrors.repository';

/** Who was asked about just before a look is left to the next one, and still asked about in time. */
const LOOKS_A_CHECK = 2;

/** People in one question; who is more waits for the next look. */
const MOST_AT_ONCE = 200;

/** Looks again and again whether people who are logged in may still be, while the table can be asked. */
@Injectable()
export class ExternalChecks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExternalChecks.name);
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> | undefined;

  constructor(
    private readonly table: MasterTable,
    private readonly people: ExternalUsers,
    private readonly mirrors: MirrorsRepository,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.table.isConfigured) return;
    this.timer = setInterval(() => this.lookAgain(), this.pauseMs).unref();
  }

  /** Between two looks; also how old an answer may be that is not asked for again. */
  private get pauseMs(): number {
    return (this.config.settings.EXTERNAL_USERS_CHECK * 1000) / LOOKS_A_CHECK;
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  /** One at a time: a table that hangs makes looks last longer than the pause between them. */
  private lookAgain(): void {
    this.underWay ??= this.look().finally(() => (this.underWay = undefined));
  }

  /** One look; whatever fails is tried again at the next one. */
  async look(): Promise<void> {
    try {
      const due = await this.mirrors.due(this.pauseMs, MOST_AT_ONCE);
      if (due.length === 0) return;
      const masters = await this.table.findByKeys(due.map(({ masterKey }) => masterKey));
      for (const mirror of due) await this.settle(mirror, masters.get(mirror.masterKey));
    } catch (error) {
      this.logger.warn(`People of the external table are not checked now: ${(error as Error).message}`);
    }
  }

  /** What fails with one person keeps nobody else's log-ins open. */
  private async settle(mirror: ExternalUser, master: MasterPerson | undefined): Promise<void> {
    try {
      if (master?.isActive) await this.people.follow(mirror.userId, master);
      else await this.people.end(mirror);
    } catch (error) {
      this.logger.error(`${mirror.userId} of the external table could not be checked`, (error as Error).stack);
    }
  }
}
