import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { SessionsRepository } from '../users/sessions.repository';
import type { ExternalUser } from './external-user.entity';
import { ExternalUsers } from './external-users';
import { MasterTable } from './master-table';
import { MirrorsRepository } from './mirrors.repository';

/** People in one question; who is more waits for the next look. */
const MOST_AT_ONCE = 200;

/** Looks again and again whether people who are logged in may still be, while the table can be asked. */
@Injectable()
export class ExternalChecks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExternalChecks.name);
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly table: MasterTable,
    private readonly people: ExternalUsers,
    private readonly mirrors: MirrorsRepository,
    private readonly sessions: SessionsRepository,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.table.isConfigured) return;
    this.timer = setInterval(() => (this.underWay = this.look()), this.config.settings.EXTERNAL_USERS_CHECK * 1000).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  /** One look; whatever fails is tried again at the next one. */
  async look(): Promise<void> {
    try {
      const due = await this.mirrors.due((this.config.settings.EXTERNAL_USERS_CHECK * 1000) / 2, MOST_AT_ONCE);
      if (due.length === 0) return;
      const masters = await this.table.findByKeys(due.map(({ masterKey }) => masterKey));
      for (const mirror of due) {
        const master = masters.get(mirror.masterKey);
        if (master?.isActive) await this.people.follow(mirror.userId, master);
        else await this.end(mirror);
      }
    } catch (error) {
      this.logger.warn(`People of the external table are not checked now: ${(error as Error).message}`);
    }
  }

  private async end(mirror: ExternalUser): Promise<void> {
    await this.people.end(mirror);
    const count = await this.sessions.endAllOf(mirror.userId);
    this.logger.log(`${mirror.userId} may not log in any more, as the external table says; ${count} sessions ended`);
  }
}
