import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, type Repository } from 'typeorm';
import { Fact } from '../common/database/fact.entity';
import { isDiskFull } from '../common/database/disk-full';
import { repeatWhileBusy } from '../common/database/repeat-while-busy';
import { QueueStore } from '../common/queue/queue-store';

const NAME = 'cleaner_lock';
const FREE = '0';

/**
 * Keeps two cleaners from working at the same time, on whatever hosts: a row that says until when it is held and by whom. A cleaner that
 * dies holds it for some minutes longer.
 */
@Injectable()
export class CleanerLockRepository {
  private readonly logger = new Logger('Cleaner');

  constructor(
    @InjectRepository(Fact) private readonly facts: Repository<Fact>,
    private readonly queue: QueueStore,
  ) {}

  /** Takes the lock, or prolongs it for its holder. @returns false while another one holds it. */
  async acquire(holder: string, seconds: number): Promise<boolean> {
    try {
      return await this.tryAcquire(holder, seconds);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // The one who could make room must not be kept from it.
      this.logger.warn('The disk is too full to write the lock of the cleaner; cleaning goes on without it.');
      return true;
    }
  }

  async release(holder: string): Promise<void> {
    try {
      const held = await this.facts.findOneBy({ name: NAME });
      if (held?.value.endsWith(holder)) await repeatWhileBusy(() => this.facts.update({ name: NAME, value: held.value }, { value: FREE }));
    } catch (error) {
      this.logger.warn(`The lock of the cleaner could not be given back and ends by itself: ${String(error)}`);
    }
  }

  private async tryAcquire(holder: string, seconds: number): Promise<boolean> {
    const nowMs = await this.queue.nowMs();
    const value = `${nowMs + seconds * 1000} ${holder}`;
    const held = await this.facts.findOneBy({ name: NAME });
    if (held?.value.endsWith(holder)) return this.replace(held.value, value);
    if (!held)
      await repeatWhileBusy(() => this.facts.createQueryBuilder().insert().values({ name: NAME, value: FREE }).orIgnore().execute());
    // Milliseconds have 13 digits until the year 2286, so that texts compare as numbers do.
    const { affected } = await repeatWhileBusy(() => this.facts.update({ name: NAME, value: LessThan(String(nowMs)) }, { value }));
    return (affected ?? 0) > 0;
  }

  private async replace(old: string, value: string): Promise<boolean> {
    const { affected } = await repeatWhileBusy(() => this.facts.update({ name: NAME, value: old }, { value }));
    return (affected ?? 0) > 0;
  }
}
