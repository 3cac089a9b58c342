import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../../browser/amounts';
import { CleaningsRepository } from '../../../common/cleaning/cleanings.repository';
import { AppConfig } from '../../../common/config/app-config';
import { FactsRepository } from '../../../common/database/facts.repository';
import { Disks } from '../../../common/files/disks';
import { OutboxRepository } from '../../../common/mail/outbox.repository';
import { PipelineOverview } from '../../../common/pipeline-settings/pipeline-overview';
import { formatList } from '../../../locales/formats';
import { sentencesInRow } from '../../../locales/joined';
import { text } from '../../../locales/text';
import { SINCE, type Concern } from './concern';
import { PLACE_WORDS } from './place-words';

const DAY_MS = 86_400_000;
/** Backups are made each day or each week. Whoever never made one with this program may have other ways, and is not told of it. */
const BACKED_UP_WITHIN_MS = 10 * DAY_MS;
/** A disk with less than this many times FREE_SPACE_RESERVE, or this part of it free, is worth a word. */
const LITTLE_RESERVES = 5;
const LITTLE_PART = 0.05;

/** Pipelines, mails, disks, and what should be done every now and then. */
@Injectable()
export class HouseConcerns {
  constructor(
    private readonly config: AppConfig,
    private readonly overview: PipelineOverview,
    private readonly outbox: OutboxRepository,
    private readonly facts: FactsRepository,
    private readonly cleanings: CleaningsRepository,
    private readonly places: Disks,
  ) {}

  /** @param nowMs by the database's clock. */
  async find(nowMs: number): Promise<Concern[]> {
    return [...(await this.disks()), ...(await this.pipelines()), ...(await this.mails()), ...(await this.habits(nowMs))];
  }

  private async disks(): Promise<Concern[]> {
    const reserve = this.config.settings.FREE_SPACE_RESERVE;
    return (await this.places.fileSystems()).flatMap(({ places, freeBytes, totalBytes }): Concern[] => {
      const isFull = freeBytes <= reserve;
      if (!isFull && freeBytes > Math.min(reserve * LITTLE_RESERVES, totalBytes * LITTLE_PART)) return [];
      const list = formatList(places.map((place) => text(PLACE_WORDS[place])));
      const free = formatBytes(freeBytes);
      const heading = isFull ? text('admin.diskFull', { list }) : text('admin.diskNearlyFull', { list, free });
      const sentence = isFull
        ? text('admin.diskFullMeans', { free, reserve: formatBytes(reserve) })
        : text('admin.diskNearlyFullMeans', { total: formatBytes(totalBytes) });
      return [{ tone: isFull ? 'bad' : 'warn', icon: 'database', heading, sentence, sinceMs: null, section: 'disk' }];
    });
  }

  private async pipelines(): Promise<Concern[]> {
    const { broken, lost, heldBack } = await this.overview.troubled();
    const concern = { tone: 'warn', icon: 'route', sinceMs: null, section: 'pipelines' } as const;
    const faulty = broken.map(({ file, faults }) => ({
      ...concern,
      heading: text('admin.pipelineBroken', { file }),
      sentence: text('admin.pipelineBrokenMeans', { count: faults.length, fault: faults[0] ?? '' }),
    }));
    if (lost.length > 0) {
      const heading = text('admin.pipelinesMissing', { count: lost.length, list: formatList(lost) });
      faulty.push({ ...concern, heading, sentence: text('admin.pipelinesMissingMeans') });
    }
    if (heldBack.length > 0) {
      const heading = text('admin.pipelinesHeldBack', { list: formatList(heldBack) });
      faulty.push({ ...concern, heading, sentence: text('admin.pipelinesHeldBackMeans') });
    }
    return faulty;
  }

  private async mails(): Promise<Concern[]> {
    const { givenUp, failing } = await this.outbox.countTroubled();
    const concern = { tone: 'warn', icon: 'mail', sinceMs: null, section: 'mail' } as const;
    const concerns: Concern[] = [];
    if (givenUp > 0)
      concerns.push({ ...concern, heading: text('admin.mailsGivenUp', { count: givenUp }), sentence: text('admin.mailsGivenUpMeans') });
    if (failing > 0)
      concerns.push({ ...concern, heading: text('admin.mailsFailing', { count: failing }), sentence: text('admin.mailsFailingMeans') });
    return concerns;
  }

  private async habits(nowMs: number): Promise<Concern[]> {
    const { finishedMs: cleanedMs, isLate } = await this.cleanings.lastEnd(nowMs);
    const backedUpMs = await this.facts.lastDone('backed_up');
    const concerns: Concern[] = [];
    if (isLate) {
      const heading = text(cleanedMs === null ? 'admin.neverCleaned' : 'admin.notCleaned');
      const sentence = sentencesInRow(text('admin.notCleanedMeans'), cleanedMs === null ? '' : text('admin.cleanedLast', { since: SINCE }));
      concerns.push({ tone: 'warn', icon: 'recycle', heading, sentence, sinceMs: cleanedMs, section: 'cleaner' });
    }
    if (backedUpMs !== null && nowMs - backedUpMs > BACKED_UP_WITHIN_MS) {
      const words = { heading: text('admin.notBackedUp'), sentence: text('admin.notBackedUpMeans', { since: SINCE }) };
      concerns.push({ tone: 'warn', icon: 'device-floppy', ...words, sinceMs: backedUpMs, section: null });
    }
    return concerns;
  }
}
