import { Injectable } from '@nestjs/common';
import { NotFoundError, StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { SafeDirectory } from '../../common/files/safe-directory';
import type { Journal, ProjectRecord } from './journal';
import { RUNS } from './plan-projects';
import { Steps } from './steps';

const MOST_ENTRIES = 200_000;

/** Moves folders of projects from one place of a file system to another; each step may be repeated, and does nothing the second time. */
@Injectable()
export class ProjectMoves {
  constructor(
    private readonly files: ProjectFiles,
    private readonly steps: Steps,
  ) {}

  /** To where Showrunner has it. @throws StartupError when it is in neither place. */
  async bringHere(record: ProjectRecord): Promise<void> {
    const [here, there] = [this.placeHere(record), placeThere(record)];
    if (await isFolderAt(here, record.inode)) return;
    if (!(await isFolderAt(there, record.inode))) throw gone(record);
    await this.files.staging(record.ownerId);
    await there.directory.move(there.path, here.path, here.directory);
    await settle(above(here), above(there));
    this.steps.reached();
  }

  /** To where it was. @throws StartupError when it is in neither place, or something else has its name there by now. */
  async bringBack(record: ProjectRecord): Promise<void> {
    const [here, there] = [this.placeHere(record), placeThere(record)];
    if (await isFolderAt(there, record.inode)) return;
    if (!(await isFolderAt(here, record.inode))) throw gone(record);
    await there.directory.ensureFolder(there.path.slice(0, -1));
    await here.directory.move(here.path, there.path, there.directory);
    await settle(above(there), above(here));
    this.steps.reached();
  }

  /** @returns why the folder cannot go back to where it was; null when nothing is in its way. */
  async whyNotBack(record: ProjectRecord): Promise<string | null> {
    const { directory, path } = placeThere(record);
    if (!(await directory.exists(path)) || (await isFolderAt({ directory, path }, record.inode))) return null;
    return `${record.name} stays: something else is called ${placeInWords(record)} by now. Give that another name, and undo again.`;
  }

  /** @throws StartupError when the folder is in neither place. */
  async requireThere(record: ProjectRecord): Promise<void> {
    if (await this.isGone(record)) throw gone(record);
  }

  /** Whether the folder is in neither place. */
  async isGone(record: ProjectRecord): Promise<boolean> {
    return (await this.placeOf(record)) === null;
  }

  /**
   * Gives what lies where results of runs go another name, which is noted. Done before the folder comes here: with a number for a name it
   * would be tidied up as what a run left that is gone.
   */
  async clearWay(record: ProjectRecord, journal: Journal): Promise<void> {
    const place = record.inTheWay === null ? null : await this.placeOf(record);
    if (record.inTheWay === null || place === null) return;
    const folder = place.directory.inside(place.path);
    const way = [Buffer.from(RUNS)];
    if (!(await isFolderAt({ directory: folder, path: way }, record.inTheWay)) && !(await isFileAt(folder, way))) return;
    const name = await freeName(folder);
    journal.add({ what: 'aside', project: record.id, name: name.toString('base64') });
    await folder.move(way, [name]);
    await settle({ directory: folder, path: [] });
    this.steps.reached();
  }

  /** What the last run has left goes into the folder of results of that run. */
  async moveResults(record: ProjectRecord, runId: number): Promise<void> {
    const folder = this.files.of(homeOf(record));
    const results = this.files.resultsPath(runId);
    await folder.ensureFolder(results);
    for (const name of record.results.map((one) => Buffer.from(one, 'base64'))) {
      if (!(await folder.exists([name])) || (await folder.exists([...results, name]))) continue;
      await folder.move([name], [...results, name]);
      this.steps.reached();
    }
    await settle(...[results, this.files.resultsRoot(), []].map((path) => ({ directory: folder, path })));
  }

  /** Undoes `moveResults`, before the folder goes back. */
  async restoreResults(record: ProjectRecord, runId: number | null): Promise<void> {
    const folder = this.files.of(homeOf(record));
    if (!(await folder.exists([]))) return;
    if (runId !== null) await this.takeOut(folder, this.files.resultsPath(runId));
    await folder.removeEmpty(this.files.resultsRoot()).catch(ignoreMissing);
  }

  /** Undoes `clearWay`, when the folder is back. @param aside in base64. */
  async restoreName(record: ProjectRecord, aside: string | null): Promise<void> {
    if (aside === null) return;
    const { directory, path } = placeThere(record);
    const folder = directory.inside(path);
    const name = Buffer.from(aside, 'base64');
    if ((await folder.exists([name])) && !(await folder.exists([Buffer.from(RUNS)]))) await folder.move([name], [Buffer.from(RUNS)]);
  }

  private async takeOut(folder: SafeDirectory, results: readonly Buffer[]): Promise<void> {
    if (!(await folder.exists(results))) return;
    const { entries } = await folder.list(results, { limit: MOST_ENTRIES });
    for (const { name } of entries) {
      await folder.move([...results, name], [name]);
      this.steps.reached();
    }
    await settle(...[[], results].map((path) => ({ directory: folder, path })));
    await folder.removeEmpty(results);
  }

  /** Where the folder is at present; null: in neither place. */
  private async placeOf(record: ProjectRecord): Promise<Place | null> {
    for (const place of [this.placeHere(record), placeThere(record)]) {
      if (await isFolderAt(place, record.inode)) return place;
    }
    return null;
  }

  private placeHere(record: ProjectRecord): Place {
    return { directory: this.files.ofHome(record.ownerId), path: [Buffer.from(record.id)] };
  }
}

interface Place {
  directory: SafeDirectory;
  path: readonly Buffer[];
}

export function homeOf({ id, ownerId }: ProjectRecord): { id: string; homeId: string } {
  return { id, homeId: ownerId };
}

function placeThere({ root, owner, folder }: ProjectRecord): Place {
  return { directory: SafeDirectory.open(root), path: [Buffer.from(owner, 'base64'), Buffer.from(folder, 'base64')] };
}

/** `<root>/<owner>/<folder>`, for people. */
export function placeInWords({ root, owner, folder }: ProjectRecord): string {
  return [root, ...[owner, folder].map((name) => showEntryName(Buffer.from(name, 'base64')))].join('/');
}

/** `<owner>/<folder>`, as rows of the queue are told to be of it. */
export function placeOf({ owner, folder }: Pick<ProjectRecord, 'owner' | 'folder'>): string {
  return `${Buffer.from(owner, 'base64').toString()}/${Buffer.from(folder, 'base64').toString()}`;
}

function above({ directory, path }: Place): Place {
  return { directory, path: path.slice(0, -1) };
}

/**
 * What was moved stays moved when the power fails: the journal says next that it was. The folders that hold the names are written, the new
 * place first, so that nothing is lost in between.
 */
async function settle(...folders: readonly Place[]): Promise<void> {
  for (const { directory, path } of folders) {
    const folder = await directory.openFolder(path);
    await folder.sync().finally(() => folder.close());
  }
}

/** By what the system knows it, under whatever name. */
async function isFolderAt({ directory, path }: Place, inode: number): Promise<boolean> {
  try {
    const folder = await directory.openFolder(path);
    return await folder
      .stat()
      .then((stats) => stats.ino === inode)
      .finally(() => folder.close());
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

async function isFileAt(folder: SafeDirectory, path: readonly Buffer[]): Promise<boolean> {
  return (await folder.exists(path)) && (await folder.stat(path)).kind !== 'folder';
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error;
}

async function freeName(folder: SafeDirectory): Promise<Buffer> {
  for (let number = 2; ; number += 1) {
    const name = Buffer.from(`${RUNS} (${number})`);
    if (!(await folder.exists([name]))) return name;
  }
}

function gone(record: ProjectRecord): StartupError {
  return new StartupError(
    `The folder of the project ${record.name} is neither at ${placeInWords(record)} nor where Showrunner keeps it (home ${record.ownerId}, project ${record.id}). Put it back to one of them, and go on.`,
    EXIT_DATA,
  );
}
