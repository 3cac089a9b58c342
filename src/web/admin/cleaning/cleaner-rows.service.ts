import { Injectable } from '@nestjs/common';
import type { PreviewItem } from '../../../common/cleaning/cleaning-preview';
import { NEVER_MS } from '../../../common/database/never';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { text, type TextKey } from '../../../locales/text';
import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';

const MOST_KEPT = 200;

/** Names of chores as people read them; what is missing here tidies up behind everybody, and is told as such. */
const CHORES: Record<string, TextKey> = {
  'expired runs': 'operations.choreRuns',
  'deleted files': 'operations.choreTrash',
  'unfinished uploads': 'operations.choreUploads',
  'inbox files': 'operations.choreInbox',
  'guest spaces': 'operations.choreGuests',
  'accounts that people left': 'operations.choreAccounts',
  'outbox copies': 'operations.choreOutbox',
  'old mails': 'operations.choreMails',
  'expired sessions': 'operations.choreSessions',
  'orphaned folders': 'operations.choreOrphans',
};

export interface Day {
  /** Of its first thing, milliseconds since 1970. */
  atMs: number;
  items: (PreviewItem & { isPicked: boolean; pipeline: string; project: string })[];
  bytes: number;
}

/** What is kept longer; `untilMs` is null for what is kept for ever. */
export interface CleanerRowsView {
  keptRuns: { id: number; pipeline: string; project: string; untilMs: number | null }[];
  keptProjects: { id: string; name: string; untilMs: number | null }[];
  /** More is kept than that. */
  isKeptCut: boolean;
}

/** The rows of the page: what goes by day, and what is kept. */
@Injectable()
export class CleanerRows {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
  ) {}

  async byDay(items: readonly PreviewItem[], picked: ReadonlySet<number>): Promise<Day[]> {
    const runs = new Map((await this.runs.findByIds(items.flatMap(({ runId }) => runId ?? []))).map((run) => [run.id, run]));
    const names = await this.names([...runs.values(), ...items].flatMap(({ projectId }) => projectId ?? []));
    const days = new Map<string, Day>();
    for (const item of items) {
      const key = new Date(item.dueMs).toDateString();
      const day = days.get(key) ?? { atMs: item.dueMs, items: [], bytes: 0 };
      const run = runs.get(item.runId ?? 0);
      const projectId = run?.projectId ?? item.projectId;
      const isPicked = item.runId !== null && picked.has(item.runId);
      day.items.push({
        ...item,
        isPicked,
        pipeline: run ? titleInReadersWords(run) : '',
        projectId,
        project: names.get(projectId ?? '') ?? '',
      });
      day.bytes += item.bytes ?? 0;
      days.set(key, day);
    }
    return [...days.values()];
  }

  async kept(nowMs: number): Promise<CleanerRowsView> {
    const foundRuns = await this.runs.keptLonger(nowMs, MOST_KEPT + 1);
    const runs = foundRuns.slice(0, MOST_KEPT);
    const names = await this.names(runs.map(({ projectId }) => projectId));
    const foundProjects = await this.projects.keptLonger(nowMs, MOST_KEPT + 1);
    const projects = foundProjects.slice(0, MOST_KEPT);
    return {
      keptRuns: runs.map((run) => ({
        id: run.id,
        pipeline: titleInReadersWords(run),
        project: names.get(run.projectId) ?? '',
        untilMs: run.keep ? null : run.keepUntilMs,
      })),
      keptProjects: projects.map(({ id, name, keepUntilMs }) => ({
        id,
        name,
        untilMs: (keepUntilMs ?? 0) >= NEVER_MS ? null : keepUntilMs,
      })),
      isKeptCut: foundRuns.length > MOST_KEPT || foundProjects.length > MOST_KEPT,
    };
  }

  private async names(projectIds: readonly string[]): Promise<Map<string, string>> {
    return new Map((await this.projects.findByIds([...new Set(projectIds)])).map(({ id, name }) => [id, name]));
  }
}

/** A chore as people read it. */
export function kindOf(chore: string): string {
  const key = CHORES[chore];
  return key === undefined ? chore : text(key);
}
