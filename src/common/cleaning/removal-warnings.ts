import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { hashOfKey, isKey, newKey } from '../keys';
import type { GoingRun } from '../mail/notice-mails';
import type { WrittenMail } from '../mail/run-mails';
import { ProjectsRepository } from '../projects/projects.repository';
import { QueueStore } from '../queue/queue-store';
import { RunsRepository } from '../queue/runs.repository';
import type { Run } from '../queue/run.entity';
import { parseEmail } from '../users/email-address';
import type { User } from '../users/user.entity';
import { WarningServices } from './warning-services';

const DAY_MS = 86_400_000;
const MOST_AT_ONCE = 10_000;
/** However often the cleaner comes, people get one mail a day: a little less, since a daily cleaner is not on time to the second. */
const LEAST_BETWEEN_MS = 20 * 3_600_000;
/** Runs that one mail names; of more it tells the number. */
const MOST_NAMED = 50;
/** MariaDB's TEXT holds 65,535. */
const MOST_BYTES = 60_000;
/** The link works for so long after the last of what it lists may have gone. */
const LINK_DAYS = 14;

/** What a link of a warning is about. */
export interface OpenedWarning {
  runs: Run[];
  /** Until when all of them can be kept; null: for ever. */
  untilMs: number | null;
}

/** Tells people which of their runs go, in one mail each, and keeps what they want to keep by the link in it. */
@Injectable()
export class RemovalWarnings {
  private readonly logger = new Logger('Cleaner');

  constructor(
    private readonly config: AppConfig,
    private readonly queue: QueueStore,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly services: WarningServices,
  ) {}

  /** Writes the mails that are due. @returns how many. */
  async writeAll(): Promise<number> {
    const { expiry } = this.services;
    if (!expiry.warns) return 0;
    const nowMs = await this.queue.nowMs();
    const { WARN_DAYS, RETENTION_DAYS } = this.config.settings;
    const aheadMs = nowMs + WARN_DAYS * DAY_MS;
    const runs = await this.runs.finishedBefore(aheadMs - RETENTION_DAYS * DAY_MS, MOST_AT_ONCE, aheadMs);
    const { projects, keepers } = await expiry.around(runs);
    const givenUp = await this.services.warnings.givenUp(runs.flatMap(({ warningId }) => warningId ?? []));
    const perKeeper = new Map<User, Going[]>();
    for (const run of runs) {
      const [project, keeper] = [projects.get(run.projectId), keepers.get(run.projectId)];
      const dueMs = expiry.dueMs(run, project);
      if (dueMs === null || !keeper || !expiry.mayWarn(keeper)) continue;
      if (!expiry.needsWarning(run, dueMs, nowMs, givenUp.has(run.warningId ?? ''))) continue;
      const going = { run, goneMs: expiry.toldMs(dueMs, nowMs), projectName: project?.name ?? '' };
      perKeeper.set(keeper, [...(perKeeper.get(keeper) ?? []), going]);
    }
    // Whoever waits for the next mail loses nothing: nothing goes before a day after it was told.
    const told = await this.services.warnings.ownersWarnedSince(nowMs - LEAST_BETWEEN_MS);
    let count = 0;
    for (const [keeper, going] of perKeeper) if (!told.has(keeper.id)) count += await this.writeOne(keeper, going, nowMs);
    return count;
  }

  /** What a link is good for; null for one that is unknown, or over. Looking changes nothing: programs that check mails open every link. */
  async open(token: string): Promise<OpenedWarning | null> {
    const warning = isKey(token) ? await this.services.warnings.findLive(hashOfKey(token)) : null;
    if (!warning) return null;
    const own = await this.projects.findByOwner(warning.ownerId);
    const runs = await this.services.warnings.runsOf(
      warning.id,
      own.map(({ id }) => id),
    );
    const limits = runs.flatMap((run) => this.services.expiry.ownersLimitMs(run) ?? []);
    // No promise for all that is true of some of them only.
    return { runs, untilMs: limits.length === 0 ? null : limits.reduce((first, limit) => Math.min(first, limit)) };
  }

  /** Keeps what the mail listed, as its owner could. @returns null for a link that does not work, else how many are kept, and how many not. */
  async keep(token: string): Promise<{ kept: number; tooLate: number } | null> {
    const opened = await this.open(token);
    if (!opened) return null;
    let kept = 0;
    for (const run of opened.runs) if (await this.services.keeping.keepAsOwner(run)) kept += 1;
    return { kept, tooLate: opened.runs.length - kept };
  }

  /** With as many names as the outbox has room for: what could not be written would never be told, and would stay for ever. */
  private compose(lines: readonly GoingRun[], link: string): WrittenMail {
    for (let named = Math.min(MOST_NAMED, lines.length); ; named = Math.floor(named / 2)) {
      const mail = this.services.notices.expiring(lines.slice(0, named), lines.length - named, link);
      if (named === 1 || [mail.textBody, mail.htmlBody].every((body) => Buffer.byteLength(body) <= MOST_BYTES)) return mail;
    }
  }

  /** One mail that cannot be written holds up nobody else's. */
  private async writeOne(keeper: User, going: Going[], nowMs: number): Promise<number> {
    try {
      const sorted = going.toSorted((one, other) => one.goneMs - other.goneMs || one.run.id - other.run.id);
      const token = newKey();
      const lines = sorted.map(({ run, goneMs, projectName }) => ({ id: run.id, pipelineTitle: run.pipelineTitle, projectName, goneMs }));
      const link = `${this.config.publicUrl}/expiring/${token}`;
      const mail = this.compose(lines, link);
      await this.services.warnings.write({
        id: randomUUID(),
        tokenHash: hashOfKey(token),
        ownerId: keeper.id,
        recipient: parseEmail(keeper.email ?? ''),
        mail,
        runIds: sorted.map(({ run }) => run.id),
        nowMs,
        lifeMs: (this.config.settings.WARN_DAYS + LINK_DAYS) * DAY_MS,
      });
      return 1;
    } catch (error) {
      this.logger.error(
        `No mail about runs that go was written to ${keeper.id}: ${error instanceof Error ? error.message : String(error)}`,
      );
      return 0;
    }
  }
}

interface Going {
  run: Run;
  goneMs: number;
  projectName: string;
}
