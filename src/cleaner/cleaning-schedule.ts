import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { AppConfig } from '../common/config/app-config';
import { CleaningService } from './cleaning.service';

const NAME = 'cleaning';
const LAST_CHORE_WITHIN_MS = 10_000;

/** `--scheduled`: cleans at the times of CLEANER_SCHEDULE until the process is stopped. For installations without cron. */
@Injectable()
export class CleaningSchedule implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Cleaner');
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly config: AppConfig,
    private readonly registry: SchedulerRegistry,
    private readonly cleaning: CleaningService,
  ) {}

  start(): void {
    const job = new CronJob(this.config.settings.CLEANER_SCHEDULE, () => this.clean(), null, true, null, null, false, null, null, true);
    this.registry.addCronJob(NAME, job);
    this.logger.log(`Next cleaning at ${job.nextDate().toJSDate().toLocaleString('en-GB')}.`);
  }

  /** A cleaning may be cut short anywhere, and is then finished by the next one; but half a minute is not begun twice. */
  async beforeApplicationShutdown(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, LAST_CHORE_WITHIN_MS).unref());
    await Promise.race([this.underWay, late]);
  }

  private async clean(): Promise<void> {
    const cleaning = this.cleaning.clean().catch((error: unknown) => {
      this.logger.error(`The cleaning failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.underWay = cleaning;
    await cleaning;
  }
}
