import { Injectable, Logger } from '@nestjs/common';
import type { ChoreRecord } from '../common/cleaning/cleaning.entity';
import { CleaningsRepository } from '../common/cleaning/cleanings.repository';
import { DryRun } from '../common/cleaning/dry-run';
import { RemovalWarnings } from '../common/cleaning/removal-warnings';
import { QueueStore } from '../common/queue/queue-store';

/** What people are told of cleanings: of those to come by mail, of those that were on the page. None of it may keep a cleaning from being done. */
@Injectable()
export class CleaningRecords {
  private readonly logger = new Logger('Cleaner');

  constructor(
    readonly dryRun: DryRun,
    private readonly cleanings: CleaningsRepository,
    private readonly warnings: RemovalWarnings,
    private readonly queue: QueueStore,
  ) {}

  /** @returns null where it could not be written down, as on a full disk. */
  begin(nowMs: number): Promise<number | null> {
    return this.attempt('The beginning of the cleaning', () => this.cleanings.begin(nowMs));
  }

  async end(record: number | null, chores: readonly ChoreRecord[]): Promise<void> {
    const details = chores.filter(({ count, failures }) => count + failures > 0);
    const write = async () => this.cleanings.end(record!, await this.queue.nowMs(), details);
    if (record !== null) await this.attempt('The end of the cleaning', write);
  }

  async warn(): Promise<void> {
    const count = await this.attempt('Mails about what goes', () => this.warnings.writeAll());
    if (count) this.logger.log(`Told ${count} ${count === 1 ? 'person' : 'people'} by mail what goes soon.`);
  }

  private async attempt<Result>(what: string, work: () => Promise<Result>): Promise<Result | null> {
    try {
      return await work();
    } catch (error) {
      this.logger.warn(`${what} could not be written down: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}
