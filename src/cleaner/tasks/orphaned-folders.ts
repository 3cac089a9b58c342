import { Injectable, Logger } from '@nestjs/common';
import { showEntryName } from '../../common/files/entry-name';
import type { Entry, SafeDirectory } from '../../common/files/safe-directory';
import { ProjectFiles } from '../../common/files/project-files';
import { RunFolders } from '../../common/files/run-folders';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { RunsRepository } from '../../common/queue/runs.repository';
import { UsersRepository } from '../../common/users/users.repository';
import { Chore, DAY_MS, type Waste } from '../../common/cleaning/chore';
import { entriesOf, entryWaste, runNumber } from '../../common/cleaning/folder-waste';
import { RunnerRowsRepository } from '../runner-rows.repository';

const MOST_AT_ONCE = 500;

/**
 * Folders of runs, and of guests' projects, that no row knows any more: what a deletion left that was interrupted. They go a day after
 * they were last touched.
 *
 * Two things are left alone and only named in the log, because they may be people's own files under a database that does not know them
 * (a restored backup, a wrong DATABASE_URL): projects of accounts and of owners who are unknown, and runs whose numbers this queue has
 * not reached.
 */
@Injectable()
export class OrphanedFolders extends Chore {
  readonly name = 'orphaned folders';
  private readonly logger = new Logger('Cleaner');

  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly runFolders: RunFolders,
    private readonly users: UsersRepository,
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly rows: RunnerRowsRepository,
  ) {
    super();
  }

  async *find(nowMs: number): AsyncGenerator<Waste> {
    const beforeMs = nowMs - DAY_MS;
    yield* this.findRuns(this.runFolders.all(), 'control files', beforeMs);
    const all = this.projectFiles.all();
    for (const home of await entriesOf(all)) {
      if (home.kind === 'folder') yield* this.findInHome(all, home.name, beforeMs);
    }
  }

  private async *findInHome(all: SafeDirectory, homeName: Buffer, beforeMs: number): AsyncGenerator<Waste> {
    const entries = (await entriesOf(all, [homeName])).filter(
      (entry) => entry.kind === 'folder' && !this.projectFiles.isStaging(entry.name),
    );
    const homeId = homeName.toString();
    const owner = await this.users.findById(homeId);
    const known = await this.knownProjects(entries);
    for (const { name, touchedMs } of entries) {
      const id = name.toString();
      if (known.get(id) === homeId) {
        const results = this.projectFiles.of({ id, homeId }).inside(this.projectFiles.resultsRoot());
        yield* this.findRuns(results, `results in project ${id}`, beforeMs);
      } else if (touchedMs >= beforeMs) continue;
      else if (owner?.kind === 'guest') yield entryWaste(`project folder ${showEntryName(name)} of a guest`, all, [homeName, name]);
      else this.logger.warn(`Left alone: the database knows no project for the folder ${showEntryName(homeName)}/${showEntryName(name)}.`);
    }
  }

  private async *findRuns(directory: SafeDirectory, what: string, beforeMs: number): AsyncGenerator<Waste> {
    const old = (await entriesOf(directory)).filter((entry) => entry.kind === 'folder' && entry.touchedMs < beforeMs);
    const numbers = old.map((entry) => runNumber(entry.name)).filter((number) => number !== null);
    const highest = numbers.length === 0 ? 0 : await this.rows.highestRunId();
    for (let index = 0; index < numbers.length; index += MOST_AT_ONCE) {
      const part = numbers.slice(index, index + MOST_AT_ONCE);
      const known = new Set((await this.runs.findByIds(part)).map((run) => run.id));
      for (const number of part) {
        if (number > highest || known.has(number)) continue;
        yield entryWaste(`${what} of run ${number}, which no longer exists`, directory, [Buffer.from(String(number))]);
      }
    }
  }

  /** Home by project id, for folders that have a row. */
  private async knownProjects(entries: readonly Entry[]): Promise<Map<string, string>> {
    const known = await this.projects.findByIds(entries.map((entry) => entry.name.toString()));
    return new Map(known.map(({ id, homeId }) => [id, homeId]));
  }
}
