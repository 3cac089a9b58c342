import { Injectable } from '@nestjs/common';
import { ProjectFiles } from '../files/project-files';
import { SpaceRepository, type Amounts } from './space.repository';
import { entriesIfThere, measureIfThere, StagedFiles } from './staged-files';

const MOST_TRIES = 3;

/** Finds out by walking what an owner really uses, and writes it down. One owner at a time; whoever asks meanwhile shares the answer. */
@Injectable()
export class SpaceMeter {
  private readonly underWay = new Map<string, Promise<Amounts>>();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly files: ProjectFiles,
    private readonly repository: SpaceRepository,
    private readonly staged: StagedFiles,
  ) {}

  measure(ownerId: string): Promise<Amounts> {
    const known = this.underWay.get(ownerId);
    if (known) return known;
    const turn = this.tail.then(() => this.measureNow(ownerId)).finally(() => this.underWay.delete(ownerId));
    this.tail = turn.catch(() => undefined);
    this.underWay.set(ownerId, turn);
    return turn;
  }

  /** Again while the figures change under the walk; at last the changes are added, which may count some of them twice until the next time. */
  private async measureNow(ownerId: string): Promise<Amounts> {
    for (let count = 1; ; count += 1) {
      const { used, version } = await this.repository.figuresOf(ownerId);
      const found = await this.walk(ownerId);
      if (await this.repository.correct(ownerId, found, version)) return found;
      if (count < MOST_TRIES) continue;
      await this.repository.correctUpwards(ownerId, found, used);
      return found;
    }
  }

  private async walk(ownerId: string): Promise<Amounts> {
    const sum = { bytes: 0, files: 0 };
    const add = ({ bytes, files }: Amounts) => {
      sum.bytes += bytes;
      sum.files += files;
    };
    const directory = this.files.ofOwner(ownerId);
    for (const { name } of await entriesIfThere(directory)) {
      if (!this.files.isStaging(name)) add(await measureIfThere(directory, name));
    }
    // First the names, then the reservations: whatever has a name by now has its reservation noted.
    const { directory: staging, entries } = await this.staged.list(ownerId);
    const live = await this.repository.findLiveOf(ownerId);
    for (const { name } of entries) {
      if (live.some(({ id }) => name.includes(id))) continue;
      add(await measureIfThere(staging, name));
    }
    return sum;
  }
}
