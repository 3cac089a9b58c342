import { Injectable } from '@nestjs/common';
import { FileTasksRepository } from '../file-tasks/file-tasks.repository';
import { formatEntryPath, type EntryPath } from '../files/entry-name';
import { InboxFiles, type InboxSource } from '../files/inbox-files';
import type { ImportBrief } from '../imports/import-brief';
import { referencesAmong } from '../pipelines/value-files';
import { ProjectRunsRepository } from '../projects/project-runs.repository';
import { RunsRepository } from '../queue/runs.repository';
import { UsersRepository } from '../users/users.repository';
import { InboxLinksRepository } from './inbox-links.repository';

const REFERENCE = /^(inbox|own):([^]+)$/;
const MOST_RUNS = 100_000;
const MOST_AT_ONCE = 500;

/** What is used of the inbox, and by whom. */
interface Use {
  source: InboxSource;
  ownerId: string;
  address: string;
}

/** Which files of the inbox are inputs of runs that wait or run, are linked to by a project, or are about to be imported. */
@Injectable()
export class InboxUse {
  constructor(
    private readonly files: InboxFiles,
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
    private readonly links: InboxLinksRepository,
    private readonly tasks: FileTasksRepository,
    private readonly users: UsersRepository,
  ) {}

  /**
   * Whether this file, a folder above it, or something in it is used by runs and projects.
   * @param path in the whole inbox, the folders of people included.
   */
  async isUsed(path: EntryPath): Promise<boolean> {
    return touches(path, await this.addressesOf([...(await this.ofRuns()), ...(await this.ofLinks())]));
  }

  /** Whether an import that waits or goes on will read it, or some of it; its own originals count as well. */
  async isAwaited(path: EntryPath): Promise<boolean> {
    return touches(path, await this.addressesOf(await this.ofImports()));
  }

  private async addressesOf(uses: readonly Use[]): Promise<Set<string>> {
    const owners = await this.users.findByIds([...new Set(uses.filter(({ source }) => source === 'own').map(({ ownerId }) => ownerId))]);
    const paths = new Map(owners.map((owner) => [owner.id, this.files.ownPath(owner)]));
    return new Set(
      uses.flatMap(({ source, ownerId, address }) => {
        if (source === 'inbox') return [address];
        const path = paths.get(ownerId);
        return path ? [`${formatEntryPath(path)}/${address}`] : [];
      }),
    );
  }

  private async ofRuns(): Promise<Use[]> {
    const live = await this.runs.listWaitingAndHeld({ limit: MOST_RUNS });
    const uses: Use[] = [];
    for (let index = 0; index < live.length; index += MOST_AT_ONCE) {
      const part = live.slice(index, index + MOST_AT_ONCE);
      const values = await this.projectRuns.parametersOf(part.map((run) => run.id));
      for (const { id, ownerId } of part) {
        for (const reference of referencesAmong(values.get(id) ?? {})) {
          const [, source, address] = REFERENCE.exec(reference) ?? [];
          if (address !== undefined) uses.push({ source: source as InboxSource, ownerId, address });
        }
      }
    }
    return uses;
  }

  private async ofLinks(): Promise<Use[]> {
    return (await this.links.targets()).map(({ source, ownerId, target }) => ({ source, ownerId, address: target }));
  }

  private async ofImports(): Promise<Use[]> {
    const imports = (await this.tasks.unfinished()).filter(({ kind }) => kind === 'import');
    return imports.flatMap(({ ownerId, brief }) => {
      const { source, folder, names } = brief as ImportBrief;
      return names.map((name) => ({ source, ownerId, address: folder === '' ? name : `${folder}/${name}` }));
    });
  }
}

function touches(path: EntryPath, addresses: ReadonlySet<string>): boolean {
  const address = formatEntryPath(path);
  return [...addresses].some((used) => address === used || address.startsWith(`${used}/`) || used.startsWith(`${address}/`));
}
