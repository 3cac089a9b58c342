import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { dialectOf, NOW_MS } from '../../common/database/dialect';
import { NEVER_MS } from '../../common/database/never';

/** Figures that only the metrics want. */
export interface MetricFigures {
  /** Since the oldest queued run might have started; 0 when none waits. */
  oldestQueuedMs: number;
  mailsWaiting: number;
  /** Of these, how many failed at least once. */
  mailsFailing: number;
  /** Given up, and still in the outbox. */
  mailsGivenUp: number;
  usedBytes: number;
  reservedBytes: number;
}

/** Reads them in one statement. */
@Injectable()
export class MetricFiguresRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async read(): Promise<MetricFigures> {
    const now = NOW_MS[dialectOf(this.dataSource.options)];
    const [row] = await this.dataSource.query<Record<keyof MetricFigures, number | string | null>[]>(`
      SELECT
        (SELECT ${now} - MIN(available_ms) FROM queue WHERE state = 'queued') AS oldestQueuedMs,
        (SELECT COUNT(*) FROM mails WHERE sent_ms IS NULL AND next_try_ms < ${NEVER_MS}) AS mailsWaiting,
        (SELECT COUNT(*) FROM mails WHERE sent_ms IS NULL AND next_try_ms < ${NEVER_MS} AND last_error IS NOT NULL) AS mailsFailing,
        (SELECT COUNT(*) FROM mails WHERE sent_ms IS NULL AND next_try_ms = ${NEVER_MS}) AS mailsGivenUp,
        (SELECT SUM(used_bytes) FROM space_usage) AS usedBytes,
        (SELECT SUM(bytes) FROM space_reservations WHERE expires_ms > ${now}) AS reservedBytes`);
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, Math.max(0, Number(value ?? 0))]),
    ) as unknown as MetricFigures;
  }
}
