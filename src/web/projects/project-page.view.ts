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
import { Space } from '../../common/space/space';
import { UsersRepository } from '../../common/users/users.repository';
import type { User } from '../../common/users/user.entity';
import { english } from '../../locales/text';
import { Policy } from '../http/access/policy';
import { TaskLinesView, type TaskPanel } from '../file-tasks/task-lines.view';
import { meterView, type SpaceMeterView } from '../space/space-meter.view';
import type { Alarm } from '../queue/waiting-alarms';
import { folderView, type FolderView } from './folder.view';
import { ProjectAlarms } from './project-alarms';
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
  /** Null where there is nothing to say. */
  space: SpaceMeterView | null;
  /** Sentences of the upload for scripts. */
  uploadWords: Record<string, string>;
  undo: { id: string; path: string } | null;
  alarms: Alarm[];
  /** Long work on its files. */
  tasks: TaskPanel;
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

type Surroundings = Pick<ProjectPage, 'canChange' | 'inbox' | 'mostBytes' | 'space' | 'pipelinesFolder' | 'uploadWords'>;

/** What a project page takes from settings and rights rather than from the project. */
@Injectable()
export class ProjectPageSurroundings {
  constructor(
    private readonly config: AppConfig,
    private readonly policy: Policy,
    private readonly inbox: InboxFiles,
    private readonly waiting: ProjectAlarms,
    private readonly taskLines: TaskLinesView,
    private readonly space: Space,
  ) {}

  tasks(project: Project): Promise<TaskPanel> {
    return this.taskLines.of(project.id);
  }

  alarms(project: Project, reader: User): Promise<Alarm[]> {
    return this.waiting.of(project, reader);
  }

  async of(project: Project, reader: User): Promise<Surroundings> {
    const use = await this.space.useFor(project.ownerId);
    return {
      canChange: this.policy.allows('projectOwner', { person: reader, project }),
      inbox: this.inbox.hint(),
      mostBytes: use.allowance.uploadBytes,
      space: meterView(use),
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
      pipelines: pipelineLines(
        manifests.map((pipeline) => pipeline.manifest),
        names,
      ),
      runs: latest.map(runLine),
      runCount,
      hasFinishedRun: finished !== null,
      undo: typeof query.undo === 'string' && UUID.test(query.undo) ? { id: query.undo, path: folder.path } : null,
      alarms: await this.surroundings.alarms(project, reader),
      tasks: await this.surroundings.tasks(project),
      ...(await this.surroundings.of(project, reader)),
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
