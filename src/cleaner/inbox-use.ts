import { Injectable } from '@nestjs/common';
import { formatEntryPath, type EntryPath } from '../common/files/entry-name';
import { ProjectRunsRepository } from '../common/projects/project-runs.repository';
import { RunsRepository } from '../common/queue/runs.repository';

const REFERENCE = 'inbox:';
const MOST_RUNS = 100_000;
const MOST_AT_ONCE = 500;

/** Which files of the inbox are inputs of runs that wait or run. */
@Injectable()
export class InboxUse {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
  ) {}

  /** Whether a run that is not over was given this file, or a folder above it. */
  async isUsed(path: EntryPath): Promise<boolean> {
    const address = formatEntryPath(path);
    for (const used of await this.addresses()) if (address === used || address.startsWith(`${used}/`)) return true;
    return false;
  }

  private async addresses(): Promise<Set<string>> {
    const live = await this.runs.listWaitingAndHeld({ limit: MOST_RUNS });
    const found = new Set<string>();
    for (let index = 0; index < live.length; index += MOST_AT_ONCE) {
      const ids = live.slice(index, index + MOST_AT_ONCE).map((run) => run.id);
      for (const values of (await this.projectRuns.parametersOf(ids)).values()) {
        for (const value of Object.values(values).flat()) {
          if (typeof value === 'string' && value.startsWith(REFERENCE)) found.add(value.slice(REFERENCE.length));
        }
      }
    }
    return found;
  }
}
