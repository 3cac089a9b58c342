import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { NEVER_MS } from '../database/never';
import type { Project } from '../projects/project.entity';
import { ProjectsRepository } from '../projects/projects.repository';
import { QueueStore } from '../queue/queue-store';
import type { Run } from '../queue/run.entity';
import type { User } from '../users/user.entity';
import { UsersRepository } from '../users/users.repository';
import { RemovalWarningsRepository } from './removal-warnings.repository';

const DAY_MS = 86_400_000;
/** Between a mail that says that something goes, and its end. */
const NOTICE_MS = DAY_MS;
/** How long a mail that cannot be delivered keeps what it is about. */
const TRIED_FOR_MS = 3 * DAY_MS;

/** What decides on the end of a run. */
export type Kept = Pick<Run, 'finishedMs' | 'keep' | 'keepUntilMs'>;

/** When runs go: by their age, by what is kept, and not before their owners were told. */
@Injectable()
export class RunExpiry {
  constructor(
    readonly config: AppConfig,
    private readonly queue: QueueStore,
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly warnings: RemovalWarningsRepository,
  ) {}

  /** Whether people are told by mail: it has to be wanted, and mails have to go somewhere. */
  get warns(): boolean {
    return this.config.settings.WARN_DAYS > 0 && this.config.settings.SMTP_URL !== undefined;
  }

  /** Whether this person hears of deletions: guests have no address, and whoever wants no such mail gets none. */
  mayWarn(owner: User | undefined): boolean {
    return this.warns && owner?.kind === 'account' && owner.email !== null && owner.leavingMs === null && owner.unwarnedMs === null;
  }

  /** When a run has been there for long enough, whoever was told of it; null while it is not over, and for ever. */
  dueMs({ finishedMs, keep, keepUntilMs }: Kept, project: Pick<Project, 'keepUntilMs'> | null | undefined): number | null {
    if (finishedMs === null || keep) return null;
    const until = Math.max(finishedMs + this.config.settings.RETENTION_DAYS * DAY_MS, keepUntilMs ?? 0, project?.keepUntilMs ?? 0);
    return until >= NEVER_MS ? null : until;
  }

  /** Until when an owner may keep a run; null: for ever. */
  ownersLimitMs({ finishedMs }: Pick<Run, 'finishedMs'>): number | null {
    const { KEEP_DAYS, RETENTION_DAYS } = this.config.settings;
    return KEEP_DAYS === 0 ? null : (finishedMs ?? 0) + (RETENTION_DAYS + KEEP_DAYS) * DAY_MS;
  }

  /**
   * Whether its keeper is to be told now, and was not told of this end before.
   * @param isGivenUp the mail about it could not be delivered. It is written anew while there is time, and not once the run is due: else a
   * mail server that is gone for good would keep everything for ever.
   */
  needsWarning(run: Run, dueMs: number, nowMs: number, isGivenUp: boolean): boolean {
    const fromMs = dueMs - this.config.settings.WARN_DAYS * DAY_MS;
    if (run.doomedMs !== null || nowMs < fromMs) return false;
    return run.warnedMs === null || run.warnedMs < fromMs || (isGivenUp && nowMs < dueMs);
  }

  /** When each of these runs goes at the earliest, as things are; those that are kept for ever are missing. */
  async goneMsOf(runs: readonly Run[]): Promise<Map<number, number>> {
    const nowMs = await this.queue.nowMs();
    const { projects, keepers } = await this.around(runs);
    const delivered = await this.warnings.delivered(runs.flatMap(({ warningId }) => warningId ?? []));
    const gone = new Map<number, number>();
    for (const run of runs) {
      const project = projects.get(run.projectId);
      const dueMs = run.doomedMs ?? this.dueMs(run, project);
      if (dueMs === null) continue;
      const isTold = run.doomedMs !== null || !this.mayWarn(keepers.get(run.projectId));
      gone.set(run.id, isTold ? dueMs : this.afterWarning(run, dueMs, { nowMs, delivered }));
    }
    return gone;
  }

  /**
   * The projects of some runs, and by project who keeps what is in it and hears of its end: its owner, whoever asked for the runs. With a
   * project that is gone its results are gone, and nobody hears of them.
   */
  async around(runs: readonly Run[]): Promise<{ projects: Map<string, Project>; keepers: Map<string, User> }> {
    const found = await this.projects.findByIds([...new Set(runs.map(({ projectId }) => projectId))]);
    const owners = new Map((await this.users.findByIds([...new Set(found.map(({ ownerId }) => ownerId))])).map((user) => [user.id, user]));
    const keepers = found.flatMap(({ id, ownerId }): [string, User][] => {
      const keeper = owners.get(ownerId);
      return keeper ? [[id, keeper]] : [];
    });
    return { projects: new Map(found.map((project) => [project.id, project])), keepers: new Map(keepers) };
  }

  /** The day that its warning tells, or will tell. */
  toldMs(dueMs: number, warnedMs: number): number {
    return Math.max(dueMs, warnedMs + NOTICE_MS);
  }

  private afterWarning(run: Run, dueMs: number, { nowMs, delivered }: { nowMs: number; delivered: ReadonlySet<string> }): number {
    const isOfThisEnd = run.warnedMs !== null && run.warnedMs >= dueMs - this.config.settings.WARN_DAYS * DAY_MS;
    if (!isOfThisEnd || run.warnedMs === null) return this.toldMs(dueMs, Math.max(nowMs, dueMs - this.config.settings.WARN_DAYS * DAY_MS));
    const told = this.toldMs(dueMs, run.warnedMs);
    return delivered.has(run.warningId ?? '') ? told : Math.max(told, run.warnedMs + TRIED_FOR_MS);
  }
}
