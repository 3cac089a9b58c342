import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';
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

  /** @throws StartupError when the expression means no time. */
  start(): void {
    const job = this.createJob();
    this.registry.addCronJob(NAME, job);
    this.logger.log(`Next cleaning at ${job.nextDate().toJSDate().toLocaleString('sv-SE')}.`);
  }

  /** A cleaning may be cut short anywhere, and the next one finishes it; still, one that is nearly done is waited for. */
  async beforeApplicationShutdown(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, LAST_CHORE_WITHIN_MS).unref());
    await Promise.race([this.underWay, late]);
  }

  private createJob(): CronJob {
    const cronTime = this.config.settings.CLEANER_SCHEDULE;
    try {
      return CronJob.from({ cronTime, onTick: () => this.clean(), start: true, waitForCompletion: true });
    } catch (error) {
      throw new StartupError(`CLEANER_SCHEDULE: ${(error as Error).message}`);
    }
  }

  private async clean(): Promise<void> {
    const cleaning = this.cleaning.clean().catch((error: unknown) => {
      this.logger.error(`The cleaning failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.underWay = cleaning;
    await cleaning;
  }
}
