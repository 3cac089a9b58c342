import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { showEntryName } from '../../common/files/entry-name';
import { InboxFiles } from '../../common/files/inbox-files';
import { ProjectContents } from '../../common/files/project-contents';
import type { Amount } from '../../common/files/tree-walk';
import type { ProjectRole } from '../../common/members/project-member.entity';
import type { Project } from '../../common/projects/project.entity';
import { Space, type SpaceUse } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { sentencesOf } from '../../locales/text';
import type { SpaceAlarm } from '../space/space-alarms';
import { meterView, type SpaceMeterView } from '../space/space-meter.view';
import type { Alarm } from '../queue/alarm';
import { FolderListing, type FolderView } from './folder.view';
import type { ProjectPageQuery } from './page-query';
import { ProjectAccess } from './project-access';
import { ProjectAlarms } from './project-alarms';
import { ProjectAudience, type Audience } from './project-audience';
import { whileFull, type PipelineLine } from './pipeline-list.view';
import { ProjectPipelines } from './project-pipelines';
import { ProjectWork, type WorkOnProject } from './project-work';
import { ProjectRunsView, type ProjectRuns } from './project-runs.view';
import { isUuid } from '../http/ids';

export interface ProjectPage extends ProjectRuns, WorkOnProject, Audience {
  title: string;
  project: { id: string; name: string };
  /** Null while it is being measured. */
  amount: Amount | null;
  /** Whether the reader may delete, rename and share. */
  canChange: boolean;
  /** Whether the reader may upload, and ask for runs. */
  canAdd: boolean;
  /** What the owner lets the reader do; null for whom no owner has named. */
  role: ProjectRole | null;
  folder: FolderView;
  /** Whether files are shown as pictures rather than in a table. */
  isGrid: boolean;
  pipelines: PipelineLine[];
  /** Whether any of them can run as things are. */
  isAnyReady: boolean;
  /** Where pipelines are dropped; told to administrators only. */
  pipelinesFolder: string | null;
  /** Whether files can be brought from the inbox of the server. */
  hasInbox: boolean;
  mostBytes: number;
  /** Null where there is nothing to say. */
  space: SpaceMeterView | null;
  /** Null where there is room. */
  spaceAlarm: SpaceAlarm | null;
  /** What still fits into the space of the owner; null where nothing limits that below `mostBytes`. */
  roomBytes: number | null;
  /** Sentences of the upload for scripts. */
  uploadWords: Record<string, string>;
  /** Those of the list of files. */
  browseWords: Record<string, string>;
  /** Id of a deletion that can be undone. */
  undo: string | null;
  alarms: Alarm[];
}

const MOST_NAMES = 5000;

type SurroundingsOfPage =
  | 'canChange'
  | 'canAdd'
  | 'role'
  | 'hasInbox'
  | 'mostBytes'
  | 'space'
  | 'spaceAlarm'
  | 'roomBytes'
  | 'pipelinesFolder'
  | 'uploadWords'
  | 'browseWords';

/** What a project page takes from settings and rights rather than from the project. */
@Injectable()
export class ProjectPageSurroundings {
  constructor(
    private readonly config: AppConfig,
    private readonly access: ProjectAccess,
    private readonly inbox: InboxFiles,
    private readonly waiting: ProjectAlarms,
    private readonly work: ProjectWork,
    private readonly space: Space,
  ) {}

  /** What is under way on its files; half-sent ones are their owner's business. */
  async workOn(project: Project, reader: User): Promise<WorkOnProject> {
    return this.work.of(project, reader, (await this.access.of(project, reader)).canAdd);
  }

  alarms(project: Project, reader: User): Promise<Alarm[]> {
    return this.waiting.of(project, reader);
  }

  async of(project: Project, reader: User): Promise<Pick<ProjectPage, SurroundingsOfPage>> {
    const use = await this.space.useFor(project.ownerId);
    const access = await this.access.of(project, reader);
    return {
      ...access,
      hasInbox: this.inbox.directory() !== null && access.canChange,
      mostBytes: use.allowance.uploadBytes,
      // How full the rest of somebody's space is, is theirs to know.
      space: access.role === null ? meterView(use) : null,
      spaceAlarm: await this.waiting.ofSpace(project, reader, use),
      roomBytes: roomOf(use),
      pipelinesFolder: reader.isAdmin ? this.config.settings.PIPELINES_DIR : null,
      uploadWords: wordsForScripts(sentencesOf('uploads')),
      browseWords: wordsForScripts(sentencesOf('browse')),
    };
  }
}

/** The page of one project: its files, the pipelines that could run on them, and its latest runs. */
@Injectable()
export class ProjectPageView {
  constructor(
    private readonly listing: FolderListing,
    private readonly contents: ProjectContents,
    private readonly runs: ProjectRunsView,
    private readonly pipelines: ProjectPipelines,
    private readonly audience: ProjectAudience,
    private readonly surroundings: ProjectPageSurroundings,
  ) {}

  /** @throws NotFoundError when the folder is not there. */
  async of(project: Project, reader: User, { state, layout, undo, at }: ProjectPageQuery): Promise<ProjectPage> {
    const folder = await this.listing.of(project, state, typeof at === 'string' ? at : '');
    const [amount, names, runs] = await Promise.all([
      this.contents.amountOf(project),
      this.contents.fileNames(project, MOST_NAMES),
      this.runs.of(project.id),
    ]);
    const surroundings = await this.surroundings.of(project, reader);
    const found = await this.pipelines.of(reader, names.map(showEntryName));
    const pipelines = surroundings.spaceAlarm ? whileFull(found) : found;
    return {
      title: project.name,
      project: { id: project.id, name: project.name },
      amount,
      ...(await this.audience.of(project, reader)),
      folder,
      isGrid: layout === 'grid',
      pipelines,
      isAnyReady: pipelines.some(({ isReady }) => isReady),
      ...runs,
      undo: typeof undo === 'string' && isUuid(undo) ? undo : null,
      alarms: await this.surroundings.alarms(project, reader),
      ...(await this.surroundings.workOn(project, reader)),
      ...surroundings,
    };
  }
}

/** Null where no limit is nearer than that of a single file. */
function roomOf({ used, reserved, allowance }: SpaceUse): number | null {
  if (allowance.bytes === null) return null;
  const room = Math.max(0, allowance.bytes - used.bytes - reserved.bytes);
  return room < allowance.uploadBytes ? room : null;
}

function wordsForScripts(words: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).filter(([key]) => key.startsWith('js')));
}
