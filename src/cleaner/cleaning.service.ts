import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AuditTrail, thisProgram } from '../common/audit/audit-trail';
import { QueueStore } from '../common/queue/queue-store';
import { formatBytes } from '../browser/amounts';
import type { Chore, Waste } from '../common/cleaning/chore';
import type { Foreseen } from '../common/cleaning/dry-run';
import { Chores } from './chores';
import { CleaningRecords } from './cleaning-records';
import { CleanerLockRepository } from './cleaner-lock.repository';
import { SpaceFigures } from './space-figures';

const LOCK_SECONDS = 300;
const RENEW_EVERY_MS = 60_000;

interface Outcome {
  count: number;
  files: number;
  bytes: number;
  failures: number;
}

/** Runs the chores one after the other; one that fails never keeps the next from being done. */
@Injectable()
export class CleaningService {
  private readonly logger = new Logger('Cleaner');

  constructor(
    private readonly chores: Chores,
    private readonly queue: QueueStore,
    private readonly lock: CleanerLockRepository,
    private readonly figures: SpaceFigures,
    private readonly told: CleaningRecords,
    private readonly trail: AuditTrail,
  ) {}

  /** @returns exit status: 0, or 1 when something could not be deleted. Nothing is done, with status 0, while another cleaner works. */
  async clean(): Promise<number> {
    const holder = randomUUID();
    if (!(await this.lock.acquire(holder, LOCK_SECONDS))) {
      this.logger.log('Another cleaner is at work; nothing was done.');
      return 0;
    }
    const renewal = setInterval(() => void this.renew(holder), RENEW_EVERY_MS);
    try {
      return await this.doAll();
    } finally {
      clearInterval(renewal);
      await this.lock.release(holder);
    }
  }

  /** What the chores would remove, chore by chore, for a listing. */
  waste(): AsyncGenerator<Foreseen> {
    return this.told.dryRun.list(this.chores.inOrder);
  }

  private async doAll(): Promise<number> {
    const nowMs = await this.queue.nowMs();
    const record = await this.told.begin(nowMs);
    // Before anything goes: what goes now was told of earlier.
    await this.told.warn();
    const outcomes = new Map<string, Outcome>();
    for (const chore of this.chores.inOrder) outcomes.set(chore.name, await this.do(chore, nowMs));
    // What was deleted just now does not count any more, and what runs wrote in the meantime does.
    await this.figures.renew();
    const failures = [...outcomes.values()].reduce((total, one) => total + one.failures, 0);
    await this.told.end(
      record,
      [...outcomes].map(([name, outcome]) => ({ name, ...outcome })),
    );
    const counts = Object.fromEntries([...outcomes].flatMap(([name, { count }]) => (count > 0 ? [[name, count]] : [])));
    const outcome = failures === 0 ? 'done' : 'failed';
    this.trail.note({ actor: thisProgram('cleaner'), action: 'site.clean', details: { ...counts, failures }, outcome });
    await this.trail.settled();
    this.logger.log(summary(outcomes, failures));
    return failures === 0 ? 0 : 1;
  }

  private async do(chore: Chore, nowMs: number): Promise<Outcome> {
    const outcome: Outcome = { count: 0, files: 0, bytes: 0, failures: 0 };
    try {
      for await (const waste of await chore.find(nowMs)) await this.remove(waste, outcome);
    } catch (error) {
      this.fail(outcome, chore.name, error);
    }
    return outcome;
  }

  private async remove(waste: Waste, outcome: Outcome): Promise<void> {
    try {
      const { files, bytes } = await waste.remove();
      outcome.count += waste.count ?? 1;
      outcome.files += files;
      outcome.bytes += bytes;
      this.logger.debug(`Deleted ${waste.what} (${formatBytes(bytes)})`);
    } catch (error) {
      this.fail(outcome, waste.what, error);
    }
  }

  private fail(outcome: Outcome, what: string, error: unknown): void {
    outcome.failures += 1;
    this.logger.error(`Could not delete ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  private async renew(holder: string): Promise<void> {
    await this.lock.acquire(holder, LOCK_SECONDS).catch((error: unknown) => {
      this.logger.warn(`Could not renew the lock of the cleaner: ${String(error)}`);
    });
  }
}

/** The one line for cron. */
function summary(outcomes: ReadonlyMap<string, Outcome>, failures: number): string {
  const all = [...outcomes.values()];
  const files = all.reduce((total, one) => total + one.files, 0);
  const bytes = all.reduce((total, one) => total + one.bytes, 0);
  const parts = [...outcomes].filter(([, outcome]) => outcome.count > 0).map(([name, outcome]) => `${outcome.count} ${name}`);
  const trouble = failures === 0 ? '' : ` ${failures} could not be deleted, see above.`;
  if (parts.length === 0) return `Cleaned: nothing was past its time.${trouble}`;
  return `Cleaned: ${parts.join(', ')}; ${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)} freed.${trouble}`;
}
