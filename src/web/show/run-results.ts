import { Injectable } from '@nestjs/common';
import { RunExpiry, type Kept } from '../../common/cleaning/run-expiry';
import { NotFoundError } from '../../common/errors';
import { parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { OutboxFiles } from '../../common/files/outbox-files';
import { FolderIndexes } from '../../common/files/threads/folder-indexes';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { pickUpCommand, resumablePickUp } from '../../common/mail/pick-up';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { TrashRepository } from '../../common/trash/trash.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { address } from '../views/helpers';
import { readResultTree, type ResultTree } from './result-tree';

type RunKey = Pick<Run, 'id' | 'projectId'>;

/** The latest of a project, which are looked through. */
const MOST_DELETIONS = 200;

/** How everything is fetched on one's own machine. */
export interface PickUp {
  /** `copying`, `there`, `removed`: the copy in the outbox. `project`: there is no outbox, and the folder of the project serves. */
  state: 'copying' | 'there' | 'removed' | 'project';
  /** Where it lies on the server. */
  folder: string;
  /** Null where no pick-up host is configured, or there is nothing to fetch. */
  scp: string | null;
  rsync: string | null;
}

/** Where the results of a run lie, how they are fetched, and how long they stay. */
@Injectable()
export class RunResults {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly outboxFiles: OutboxFiles,
    private readonly indexes: FolderIndexes,
    private readonly expiry: RunExpiry,
    private readonly trash: TrashRepository,
  ) {}

  /** The folder of results; it may be missing. @throws NotFoundError when the project is gone. */
  async of(run: RunKey): Promise<SafeDirectory> {
    const project = await this.projects.findById(run.projectId);
    if (!project) throw new NotFoundError('errors.noSuchProject');
    return this.projectFiles.of(project).inside(this.projectFiles.resultsPath(run.id));
  }

  /** What is there, read without holding up anybody else however much it is. */
  tree(results: SafeDirectory): Promise<ResultTree> {
    return readResultTree(results, this.indexes);
  }

  /** Address, below the base path, of everything as one zip archive. */
  zipAddress({ id }: RunKey): string {
    return address('/runs', [id, 'zip']);
  }

  /** Null where there is nothing to fetch, and no way to. */
  async pickUp(run: Pick<Run, 'id' | 'fence' | 'state'>, results: SafeDirectory): Promise<PickUp | null> {
    const { PICKUP_HOST: host } = this.expiry.config.settings;
    const state = await this.pickUpState(run);
    if (state === null || (state === 'project' && host === undefined)) return null;
    const folder = this.outboxFiles.folderOf(run.id) ?? (await results.pathForProgram([]));
    const isThere = host !== undefined && (state === 'there' || state === 'project');
    return {
      state,
      folder,
      scp: isThere ? pickUpCommand(host, folder) : null,
      rsync: isThere ? resumablePickUp(host, folder, `run-${run.id}`) : null,
    };
  }

  private async pickUpState(run: Pick<Run, 'id' | 'fence' | 'state'>): Promise<PickUp['state'] | null> {
    const { state } = run;
    const copy = await this.outboxFiles.stateOf(run);
    if (copy === null) return isFinal(state) ? 'project' : null;
    if (!isFinal(state)) return copy === 'part' ? 'copying' : null;
    if (copy === 'there') return 'there';
    // Of a run that did not succeed no copy is made.
    if (state !== 'succeeded' && state !== 'partial') return null;
    return copy === 'part' ? 'copying' : 'removed';
  }

  /** What is said of results that are kept: those of a guest go with the space of the guest. @param owner null where it is not the reader. */
  keptInWords(owner: Pick<User, 'kind'> | null): string {
    const { GUEST_DAYS: days } = this.expiry.config.settings;
    if (!owner) return text('show.resultsKeptHere');
    return owner.kind === 'guest' ? text('show.resultsKeptGuest', { days }) : text('show.resultsKept');
  }

  /** Whether a result, or any of them, was deleted and can be brought back, as far as names tell. @param path below the results; empty for any. */
  async isInTrash({ id, projectId }: RunKey, path: EntryPath = []): Promise<boolean> {
    const wanted = [...this.projectFiles.resultsPath(id), ...path].map(showEntryName);
    const { deletions } = await this.trash.pageOf(projectId, { from: 0, most: MOST_DELETIONS });
    return deletions.some(({ folder, names }) => {
      const at = parseEntryPath(folder).map(showEntryName);
      const isOnWay = at.every((name, depth) => depth >= wanted.length || name === wanted[depth]);
      // What came from within the results, or an entry of the way to what is looked for.
      return isOnWay && (at.length >= wanted.length ? path.length === 0 : names.includes(wanted[at.length]));
    });
  }

  /** When the cleaner may take the results; null while the run is not over, or is kept. */
  deletionMs(run: Kept, project: Pick<Project, 'keepUntilMs'> | null = null): number | null {
    return this.expiry.dueMs(run, project);
  }

  /** Whether its owner may keep it longer than it is kept now. */
  mayBeKeptLonger(run: Kept): boolean {
    const limitMs = this.expiry.ownersLimitMs(run);
    return !run.keep && (limitMs === null || (run.keepUntilMs ?? 0) < limitMs);
  }

  /** Until when the button keeps it; null: for ever. */
  ownersLimitMs(run: Kept): number | null {
    return this.expiry.ownersLimitMs(run);
  }
}
