import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { InboxFiles, type InboxHint } from '../../common/files/inbox-files';
import { ProjectFiles } from '../../common/files/project-files';
import { PipelineCatalogue } from '../../common/pipelines/pipeline-catalogue';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { UsersRepository } from '../../common/users/users.repository';
import type { User } from '../../common/users/user.entity';
import { english } from '../../locales/text';
import { Policy } from '../http/access/policy';
import { QueuePage } from '../queue/queue-page.service';
import type { Alarm } from '../queue/alarm';
import { Obstacles } from '../../common/waiting/obstacles.service';
import type { Manifest } from '../../common/pipelines/manifest';
import { folderView, type FolderView } from './folder.view';
import { pipelineLines, type PipelineLine } from './pipeline-list.view';
import { amountOf, type ProjectAmount } from './project-list.view';

interface RunLine {
  id: number;
  pipelineTitle: string;
  state: RunState;
  progress: number | null;
  /** When it reached this state, as far as that is known; milliseconds since 1970. */
  atMs: number;
}

export interface ProjectPage {
  title: string;
  project: { id: string; name: string };
  amount: ProjectAmount;
  /** Display name of the owner; null when it is the reader. */
  ownerName: string | null;
  /** Whether the reader may upload and delete. */
  canChange: boolean;
  folder: FolderView;
  pipelines: PipelineLine[];
  /** Where pipelines are dropped; told to administrators only. */
  pipelinesFolder: string | null;
  runs: RunLine[];
  runCount: number;
  hasFinishedRun: boolean;
  inbox: InboxHint | null;
  mostBytes: number;
  /** Sentences of the upload for scripts. */
  uploadWords: Record<string, string>;
  undo: { id: string; path: string } | null;
  alarms: Alarm[];
}

/** What the address of a project page asks for, unchecked. */
export interface ProjectPageQuery {
  path?: unknown;
  page?: number;
  undo?: unknown;
}

const MOST_COUNTED = 20_000;
const MOST_INPUTS = 5000;
const LATEST_RUNS = 6;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a project page takes from settings and rights rather than from the project. */
@Injectable()
export class ProjectPageSurroundings {
  constructor(
    private readonly config: AppConfig,
    private readonly policy: Policy,
    private readonly inbox: InboxFiles,
    private readonly runs: RunsRepository,
    private readonly queue: QueuePage,
    private readonly obstacles: Obstacles,
  ) {}

  /** The pipelines, with what each of them still needs of files and runners. */
  async pipelines(manifests: readonly Manifest[], fileNames: readonly string[]): Promise<PipelineLine[]> {
    return pipelineLines(manifests, fileNames, await this.obstacles.of(manifests));
  }

  /** What keeps runs of the project waiting until an administrator does something. */
  async alarms(project: Project, reader: User): Promise<Alarm[]> {
    const live = await this.runs.liveOfProject(project.id);
    return live.some((run) => run.state === 'queued') ? this.queue.alarmsOfProject(reader, project.id) : [];
  }

  of(project: Project, reader: User): Pick<ProjectPage, 'canChange' | 'inbox' | 'mostBytes' | 'pipelinesFolder' | 'uploadWords'> {
    return {
      canChange: this.policy.allows('projectOwner', { person: reader, project }),
      inbox: this.inbox.hint(),
      mostBytes: this.config.settings.MAX_UPLOAD,
      pipelinesFolder: reader.isAdmin ? this.config.settings.PIPELINES_DIR : null,
      uploadWords: Object.fromEntries(Object.entries(english.projects).filter(([key]) => key.startsWith('js'))),
    };
  }
}

/** The page of one project: its files, the pipelines that could run on them, and its latest runs. */
@Injectable()
export class ProjectPageView {
  constructor(
    private readonly files: ProjectFiles,
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly pipelines: PipelineCatalogue,
    private readonly users: UsersRepository,
    private readonly surroundings: ProjectPageSurroundings,
  ) {}

  /** @throws InvalidInputError for a path that is none; NotFoundError when its folder is not there. */
  async of(project: Project, reader: User, query: ProjectPageQuery): Promise<ProjectPage> {
    const path = parseEntryPath(typeof query.path === 'string' ? query.path : query.path === undefined ? '' : '..');
    const directory = this.files.of(project);
    const folder = await folderView(this.files, directory, path, query.page ?? 1);
    const [amount, found, latest, runCount, finished, manifests] = await Promise.all([
      amountOf(this.files, project, MOST_COUNTED),
      directory.findFiles([], { most: MOST_INPUTS, skip: [Buffer.from('runs')] }),
      this.runs.byProject(project.id, LATEST_RUNS),
      this.projectRuns.count(project.id),
      this.projectRuns.latestFinished(project.id),
      this.pipelines.list(),
    ]);
    const names = found.files.map((file) => showEntryName(file.path.at(-1)!));
    return {
      title: project.name,
      project: { id: project.id, name: project.name },
      amount,
      ownerName: await this.ownerName(project, reader),
      folder,
      pipelines: await this.surroundings.pipelines(
        manifests.map((pipeline) => pipeline.manifest),
        names,
      ),
      runs: latest.map(runLine),
      runCount,
      hasFinishedRun: finished !== null,
      undo: typeof query.undo === 'string' && UUID.test(query.undo) ? { id: query.undo, path: folder.path } : null,
      alarms: await this.surroundings.alarms(project, reader),
      ...this.surroundings.of(project, reader),
    };
  }

  private async ownerName(project: Project, reader: User): Promise<string | null> {
    if (project.ownerId === reader.id) return null;
    const owner = await this.users.findById(project.ownerId);
    if (!owner) throw new NotFoundError('errors.noSuchProject');
    return owner.displayName;
  }
}

function runLine(run: Run): RunLine {
  const { id, pipelineTitle, state, progress } = run;
  return { id, pipelineTitle, state, progress, atMs: run.finishedMs ?? run.startedMs ?? run.requestedMs };
}
