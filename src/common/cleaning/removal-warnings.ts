import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { hashOfKey, isKey, newKey } from '../keys';
import { ProjectsRepository } from '../projects/projects.repository';
import { QueueStore } from '../queue/queue-store';
import { RunsRepository } from '../queue/runs.repository';
import type { Run } from '../queue/run.entity';
import { parseEmail } from '../users/email-address';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { WarningServices } from './warning-services';

const DAY_MS = 86_400_000;
const MOST_AT_ONCE = 10_000;
/** Runs that one mail names; of more it tells the number. */
const MOST_NAMED = 50;
/** The link works for so long after the last of what it lists may have gone. */
const LINK_DAYS = 14;

/** What a link of a warning is about. */
export interface OpenedWarning {
  runs: Run[];
  /** Keeps for ever where this is null. */
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
    private readonly people: UsersRepository,
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
    const projects = new Map(
      (await this.projects.findByIds([...new Set(runs.map(({ projectId }) => projectId))])).map((one) => [one.id, one]),
    );
    const owners = new Map((await this.people.findByIds([...new Set(runs.map(({ ownerId }) => ownerId))])).map((one) => [one.id, one]));
    const perOwner = new Map<string, Going[]>();
    for (const run of runs) {
      const project = projects.get(run.projectId);
      const dueMs = expiry.dueMs(run, project);
      if (dueMs === null || !expiry.mayWarn(owners.get(run.ownerId)) || !expiry.needsWarning(run, dueMs, nowMs)) continue;
      const going = { run, goneMs: expiry.toldMs(dueMs, nowMs), projectName: project?.name ?? '' };
      perOwner.set(run.ownerId, [...(perOwner.get(run.ownerId) ?? []), going]);
    }
    let count = 0;
    for (const [ownerId, going] of perOwner) count += await this.writeOne(owners.get(ownerId)!, going, nowMs);
    return count;
  }

  /** What a link is good for; null for one that is unknown, or over. Looking changes nothing: programs that check mails open every link. */
  async open(token: string): Promise<OpenedWarning | null> {
    const warning = isKey(token) ? await this.services.warnings.findLive(hashOfKey(token)) : null;
    if (!warning) return null;
    const runs = (await this.services.warnings.runsOf(warning.id)).filter(({ ownerId }) => ownerId === warning.ownerId);
    const limits = runs.map((run) => this.services.expiry.ownersLimitMs(run));
    const untilMs = limits.some((limit) => limit === null) || limits.length === 0 ? null : Math.max(...limits.map((limit) => limit ?? 0));
    return { runs, untilMs };
  }

  /** Keeps what the mail listed, as its owner could. @returns null for a link that does not work, else how many are kept, and how many not. */
  async keep(token: string): Promise<{ kept: number; tooLate: number } | null> {
    const opened = await this.open(token);
    if (!opened) return null;
    let kept = 0;
    for (const run of opened.runs) if (await this.services.keeping.keepAsOwner(run)) kept += 1;
    return { kept, tooLate: opened.runs.length - kept };
  }

  /** One mail that cannot be written holds up nobody else's. */
  private async writeOne(owner: User, going: Going[], nowMs: number): Promise<number> {
    try {
      const sorted = going.toSorted((one, other) => one.goneMs - other.goneMs || one.run.id - other.run.id);
      const token = newKey();
      const lines = sorted.map(({ run, goneMs, projectName }) => ({ id: run.id, pipelineTitle: run.pipelineTitle, projectName, goneMs }));
      const link = `${this.config.publicUrl}/expiring/${token}`;
      const mail = this.services.notices.expiring(lines.slice(0, MOST_NAMED), Math.max(0, lines.length - MOST_NAMED), link);
      await this.services.warnings.write({
        id: randomUUID(),
        tokenHash: hashOfKey(token),
        ownerId: owner.id,
        recipient: parseEmail(owner.email ?? ''),
        mail,
        runIds: sorted.map(({ run }) => run.id),
        nowMs,
        lifeMs: (this.config.settings.WARN_DAYS + LINK_DAYS) * DAY_MS,
      });
      return 1;
    } catch (error) {
      this.logger.error(`No mail about runs that go was written to ${owner.id}: ${error instanceof Error ? error.message : String(error)}`);
      return 0;
    }
  }
}

interface Going {
  run: Run;
  goneMs: number;
  projectName: string;
}
