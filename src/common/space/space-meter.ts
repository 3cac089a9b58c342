import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../errors';
import type { Entry } from '../files/listing';
import { ProjectFiles } from '../files/project-files';
import type { FoundFile, SafeDirectory } from '../files/safe-directory';
import { HomesRepository } from '../users/homes.repository';
import { SpaceSums } from './space-details';
import { SpaceRepository, type Amounts } from './space.repository';
import { entriesIfThere, StagedFiles } from './staged-files';

const MOST_TRIES = 3;
const RUN_NUMBER = /^[1-9]\d{0,8}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Finds out by walking what an owner really uses, and for what, and writes it down. One owner at a time; whoever asks meanwhile shares the
 * answer. Only sums are kept in memory, however many files there are.
 */
@Injectable()
export class SpaceMeter {
  private readonly underWay = new Map<string, Promise<Amounts>>();
  private readonly atOnce = new Map<string, Promise<Amounts>>();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly files: ProjectFiles,
    private readonly repository: SpaceRepository,
    private readonly staged: StagedFiles,
    private readonly homes: HomesRepository,
  ) {}

  measure(ownerId: string): Promise<Amounts> {
    const known = this.underWay.get(ownerId);
    if (known) return known;
    const turn = this.tail.then(() => this.measureNow(ownerId)).finally(() => this.underWay.delete(ownerId));
    this.tail = turn.catch(() => undefined);
    this.underWay.set(ownerId, turn);
    return turn;
  }

  /** As `measure`, without waiting for those who came before: for whoever was never measured, and mostly has little yet. */
  measureAtOnce(ownerId: string): Promise<Amounts> {
    const known = this.atOnce.get(ownerId);
    if (known) return known;
    const measuring = this.measureNow(ownerId).finally(() => this.atOnce.delete(ownerId));
    this.atOnce.set(ownerId, measuring);
    return measuring;
  }

  /** Again while the figures change under the walk; at last the changes are added, which may count some of them twice until the next time. */
  private async measureNow(ownerId: string): Promise<Amounts> {
    for (let count = 1; ; count += 1) {
      const { used, version } = await this.repository.figuresOf(ownerId);
      const sums = await this.walk(ownerId);
      if (await this.repository.correct(ownerId, sums.total, sums.largest(), version)) return sums.total;
      if (count < MOST_TRIES) continue;
      await this.repository.correctUpwards(ownerId, sums.total, used);
      return sums.total;
    }
  }

  private async walk(ownerId: string): Promise<SpaceSums> {
    const sums = new SpaceSums();
    for (const homeId of await this.homes.homesOf(ownerId)) await this.walkHome(ownerId, homeId, sums);
    return sums;
  }

  private async walkHome(ownerId: string, homeId: string, sums: SpaceSums): Promise<void> {
    const directory = this.files.ofHome(homeId);
    for (const { name, kind } of await entriesIfThere(directory)) {
      if (kind === 'folder' && !this.files.isStaging(name)) await this.walkProject(directory, name, sums);
    }
    // First the names, then the reservations: whatever has a name by now has its reservation noted.
    const { directory: staging, entries } = await this.staged.list(homeId);
    const live = await this.repository.findLiveOf(ownerId);
    for (const entry of entries) {
      if (!live.some(({ id }) => entry.name.includes(id))) await this.walkStaged(staging, entry, sums);
    }
  }

  private walkProject(home: SafeDirectory, name: Buffer, sums: SpaceSums): Promise<void> {
    const projectId = projectOf(name);
    sums.shareOf(projectId);
    return eachIfThere(home, name, ({ path, size }) => {
      const isResult = path.length > 1 && this.files.isInResults(path);
      sums.add(projectId, isResult ? 'results' : 'files', size);
      const run = isResult && path.length > 2 ? (path[1]?.toString('latin1') ?? '') : '';
      if (RUN_NUMBER.test(run)) sums.addToRun(projectId, Number(run), size);
    });
  }

  private async walkStaged(staging: SafeDirectory, { name, kind, size }: Entry, sums: SpaceSums): Promise<void> {
    const projectId = projectOf(name);
    const use = this.files.deletionOf(name) === null ? 'unfinished' : 'trash';
    if (kind === 'file') sums.add(projectId, use, size);
    if (kind === 'folder') await eachIfThere(staging, name, (file) => sums.add(projectId, use, file.size));
  }
}

/** Names of projects, and those in the staging folder, begin with the project's id; '' for what somebody else put there. */
function projectOf(name: Buffer): string {
  const id = name.toString('latin1').split('.', 1)[0] ?? '';
  return UUID.test(id) ? id : '';
}

async function eachIfThere(directory: SafeDirectory, name: Buffer, visit: (file: FoundFile) => void): Promise<void> {
  try {
    await directory.eachFile([name], (file) => {
      visit(file);
      return true;
    });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
