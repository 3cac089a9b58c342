import { Injectable } from '@nestjs/common';
import { CleaningPreview } from '../../../common/cleaning/cleaning-preview';
import type { Cleaning } from '../../../common/cleaning/cleaning.entity';
import { CleaningsRepository } from '../../../common/cleaning/cleanings.repository';
import { RunExpiry } from '../../../common/cleaning/run-expiry';
import { AppConfig } from '../../../common/config/app-config';
import { QueueStore } from '../../../common/queue/queue-store';
import { text } from '../../../locales/text';
import { CleanerRows, kindOf, type CleanerRowsView, type Day } from './cleaner-rows.service';

const CLEANINGS = 10;
const MEASURED_FOR_MS = 2500;
const DAYS = [1, 7, 30] as const;
const DAY_MS = 86_400_000;

/** What `views/admin/cleaner.hbs` shows. */
export interface CleanerView extends CleanerRowsView {
  title: string;
  cleanings: {
    startedMs: number;
    finishedMs: number | null;
    failures: number;
    bytes: number;
    done: { kind: string; count: number; bytes: number }[];
  }[];
  /** There were some, and the last one ended long ago, or none has. */
  isLate: boolean;
  days: { value: number; isChosen: boolean }[];
  ahead: number;
  dates: Day[];
  count: number;
  owners: { owner: string; count: number; bytes: number }[];
  bytes: number;
  isCut: boolean;
  warns: boolean;
  warnDays: number;
  until: string;
  tomorrow: string;
}

export interface CleanerEntered {
  days?: string;
  picked?: readonly number[];
  until?: string;
}

/** The cleaner as an administrator sees it. */
@Injectable()
export class CleanerAdminPage {
  constructor(
    private readonly config: AppConfig,
    private readonly preview: CleaningPreview,
    private readonly cleanings: CleaningsRepository,
    private readonly rows: CleanerRows,
    private readonly expiry: RunExpiry,
    private readonly queue: QueueStore,
  ) {}

  async of({ days: wanted = '', picked = [], until = '' }: CleanerEntered = {}): Promise<CleanerView> {
    const ahead = DAYS.find((days) => String(days) === wanted) ?? 7;
    const nowMs = await this.queue.nowMs();
    const { items, owners, bytes, isCut } = await this.preview.of(ahead, MEASURED_FOR_MS);
    const cleanings = await this.cleanings.latest(CLEANINGS);
    return {
      title: text('operations.cleanerTitle'),
      cleanings: cleanings.map(cleaningView),
      isLate: cleanings.length > 0 && (await this.cleanings.lastEnd(nowMs)).isLate,
      days: DAYS.map((value) => ({ value, isChosen: value === ahead })),
      ahead,
      dates: await this.rows.byDay(items, new Set(picked)),
      count: items.length,
      owners: owners.slice(0, CLEANINGS),
      bytes,
      isCut,
      warns: this.expiry.warns,
      warnDays: this.config.settings.WARN_DAYS,
      ...(await this.rows.kept(nowMs)),
      until: until.slice(0, 20),
      tomorrow: new Date(nowMs + DAY_MS).toISOString().slice(0, 10),
    };
  }
}

function cleaningView({ startedMs, finishedMs, failures, details }: Cleaning): CleanerView['cleanings'][number] {
  const done = details.filter(({ count }) => count > 0).map(({ name, count, bytes }) => ({ kind: kindOf(name), count, bytes }));
  return { startedMs, finishedMs, failures, bytes: details.reduce((sum, one) => sum + one.bytes, 0), done };
}
