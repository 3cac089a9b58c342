import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath } from '../../common/files/entry-name';
import { FileReferences } from '../../common/files/file-references';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { StoredManifest } from '../show/run-facts';
import { RunResults } from '../show/run-results';
import { cacheOnce, type Original, type Shelf, type SourceAddress } from './shelf';

type RunKey = Pick<Run, 'id' | 'projectId'>;

/** Opens the files that views of runs may show: results, and what the runs were given. */
@Injectable()
export class ImageSources {
  constructor(
    private readonly results: RunResults,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly references: FileReferences,
    private readonly folders: RunFolders,
    private readonly config: AppConfig,
  ) {}

  shelf(run: RunKey): Shelf {
    return {
      open: (address) => this.open(run, address),
      root: this.config.runsRoot,
      cache: cacheOnce(() => this.folders.cache(run.id)),
      base: `/runs/${run.id}`,
    };
  }

  /** The folder of the results of a run. */
  folder(run: RunKey): Promise<SafeDirectory> {
    return this.results.of(run);
  }

  private async open(run: RunKey, address: SourceAddress): Promise<Original> {
    if (address.kind === 'files') throw new NotFoundError('errors.notFound');
    if (address.kind === 'results') {
      const path = parseEntryPath(address.path);
      return { ...(await (await this.results.of(run)).openFile(path)), name: `results/${formatEntryPath(path)}` };
    }
    const reference = (await this.inputs(run, address.parameter)).at(address.index);
    const project = await this.projects.findById(run.projectId);
    if (reference === undefined || !project) throw new NotFoundError('errors.notFound');
    const { directory, path } = await this.references.place(project, reference);
    return { ...(await directory.openFile(path)), name: `inputs/${reference}` };
  }

  /** The references that the run was given for a parameter. */
  async inputs(run: Pick<Run, 'id'>, parameter: string): Promise<string[]> {
    const details = await this.runs.details(run.id);
    const described = (details?.manifest as StoredManifest | undefined)?.parameters?.find(({ name }) => name === parameter);
    if (described?.type !== 'file' && described?.type !== 'files') return [];
    return [details?.parameters[parameter]].flat().filter((value) => typeof value === 'string' && value !== '') as string[];
  }
}
