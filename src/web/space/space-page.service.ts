import { Injectable } from '@nestjs/common';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { RunsRepository } from '../../common/queue/runs.repository';
import { Space, type Amounts, type SpaceDetails, type SpaceUse } from '../../common/space/space';
import { bytesOf, emptyShare, KINDS, type ProjectShare } from '../../common/space/space-details';
import { UsersRepository } from '../../common/users/users.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { SpaceAlarms, type SpaceAlarm } from './space-alarms';
import { wholeMeterView, type SpaceMeterView } from './space-meter.view';

export interface SpacePageView {
  title: string;
  /** The project from which an administrator looks; null for one's own space. */
  project: { id: string; name: string } | null;
  meter: SpaceMeterView;
  /** Null where there is room. */
  alarm: SpaceAlarm | null;
  /** 0: never. */
  measuredMs: number;
  /** Those that hold something, largest first. */
  projects: ProjectRow[];
  /** How many hold nothing. */
  emptyProjects: number;
  /** Which kinds, beside files, there are at all. */
  has: Record<'results' | 'trash' | 'unfinished', boolean>;
  /** Further ones, smaller than these; null for none. */
  moreProjects: { rows: ProjectRow[]; bytes: number } | null;
  /** Of all projects, by kind; null where there is one project only. */
  sums: Pick<ProjectRow, 'files' | 'results' | 'trash' | 'unfinished' | 'bytes'> | null;
  runs: RunRow[];
  /** Whether these runs are of more than one project. */
  hasRunsOfSeveral: boolean;
  limits: { label: string; used: number; most: number }[];
  uploadBytes: number;
  /** Whether the reader may delete here. */
  isMine: boolean;
}

interface ProjectRow extends Pick<ProjectShare, 'files' | 'results' | 'trash' | 'unfinished'> {
  /** Null for folders that no project knows. */
  id: string | null;
  name: string;
  bytes: number;
}

interface RunRow extends Amounts {
  id: number;
  pipelineTitle: string;
  projectName: string;
  /** Null while it goes on. */
  finishedMs: number | null;
}

const MOST_RUNS = 15;
/** So many are seen at a glance; the rest is folded. */
const FIRST_PROJECTS = 10;

/** What uses the space of a person. */
@Injectable()
export class SpacePage {
  constructor(
    private readonly space: Space,
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly alarms: SpaceAlarms,
  ) {}

  /** @param project where an administrator looks at the space of its owner. */
  async of(reader: User, project: Project | null = null): Promise<SpacePageView> {
    const ownerId = project?.ownerId ?? reader.id;
    const details = await this.space.detailsOf(ownerId);
    const use = await this.space.useFor(ownerId);
    const shares = await this.sharesOf(ownerId, details);
    const names = await this.namesOf(shares.map((share) => share.projectId));
    const isMine = ownerId === reader.id;
    const all = shares.map((share) => projectRow(share, names));
    const rows = all.filter(({ bytes }) => bytes > 0);
    const runs = await this.runRows(details?.runs ?? [], names);
    return {
      title: isMine ? text('space.titleOwn') : text('space.titleOf', { name: (await this.users.findById(ownerId))?.displayName ?? '' }),
      project: project && { id: project.id, name: project.name },
      meter: wholeMeterView(use, details),
      alarm: await this.alarms.of(reader, ownerId, use),
      measuredMs: use.measuredMs,
      ...folded(rows),
      emptyProjects: all.filter(({ id, bytes }) => id !== null && bytes === 0).length,
      has: kindsAmong(rows),
      sums: rows.length > 1 ? sumsOf(rows) : null,
      runs,
      hasRunsOfSeveral: new Set(runs.map(({ projectName }) => projectName)).size > 1,
      limits: limitsOf(use),
      uploadBytes: use.allowance.uploadBytes,
      isMine,
    };
  }

  /** As measured, with what is promised to uploads since. */
  private async sharesOf(ownerId: string, details: SpaceDetails | null): Promise<ProjectShare[]> {
    const shares = new Map((details?.projects ?? []).map((share) => [share.projectId, share]));
    for (const { projectId, bytes, files } of await this.space.reservationsOf(ownerId)) {
      const share = shares.get(projectId) ?? emptyShare(projectId);
      const { unfinished } = share;
      shares.set(projectId, { ...share, unfinished: { bytes: unfinished.bytes + bytes, files: unfinished.files + files } });
    }
    return [...shares.values()].sort((one, other) => bytesOf(other) - bytesOf(one));
  }

  private async namesOf(projectIds: readonly string[]): Promise<Map<string, string>> {
    const projects = await this.projects.findByIds(projectIds);
    return new Map(projects.map(({ id, name }) => [id, name]));
  }

  private async runRows(shares: readonly (Amounts & { runId: number; projectId: string })[], names: Map<string, string>) {
    const largest = shares.slice(0, MOST_RUNS);
    const runs = new Map((await this.runs.findByIds(largest.map((share) => share.runId))).map((run) => [run.id, run]));
    return largest.flatMap(({ runId, projectId, bytes, files }): RunRow[] => {
      const run = runs.get(runId);
      // Another project's folder may have any name.
      if (run?.projectId !== projectId) return [];
      const { finishedMs } = run;
      const pipelineTitle = titleInReadersWords(run);
      return [{ id: runId, pipelineTitle, projectName: names.get(projectId) ?? '', finishedMs, bytes, files }];
    });
  }
}

function projectRow(share: ProjectShare, names: ReadonlyMap<string, string>): ProjectRow {
  const { projectId, ...amounts } = share;
  const name = names.get(projectId);
  return { ...amounts, id: name === undefined ? null : projectId, name: name ?? text('space.noProject'), bytes: bytesOf(share) };
}

function folded(rows: ProjectRow[]): Pick<SpacePageView, 'projects' | 'moreProjects'> {
  // One more than that is not worth a fold.
  if (rows.length <= FIRST_PROJECTS + 1) return { projects: rows, moreProjects: null };
  const rest = rows.slice(FIRST_PROJECTS);
  return { projects: rows.slice(0, FIRST_PROJECTS), moreProjects: { rows: rest, bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0) } };
}

function kindsAmong(rows: readonly ProjectRow[]): SpacePageView['has'] {
  const isThere = (kind: keyof SpacePageView['has']) => rows.some((row) => row[kind].files > 0);
  return { results: isThere('results'), trash: isThere('trash'), unfinished: isThere('unfinished') };
}

function sumsOf(rows: readonly ProjectRow[]): NonNullable<SpacePageView['sums']> {
  const sums = emptyShare('');
  for (const row of rows) {
    for (const kind of KINDS) {
      sums[kind].bytes += row[kind].bytes;
      sums[kind].files += row[kind].files;
    }
  }
  return { ...sums, bytes: bytesOf(sums) };
}

function limitsOf({ used, reserved, projects, allowance }: SpaceUse): SpacePageView['limits'] {
  const limits = [
    { label: text('space.limitProjects'), used: projects, most: allowance.projects },
    { label: text('space.limitFiles'), used: used.files + reserved.files, most: allowance.files },
  ];
  return limits.filter((limit): limit is SpacePageView['limits'][number] => limit.most !== null);
}
