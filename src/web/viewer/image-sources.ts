import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { FileReferences } from '../../common/files/file-references';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { StoredManifest } from '../show/run-facts';
import { RunResults } from '../show/run-results';
import type { Original } from './derived-files';

/** A file that a view may show: one of the results, or one that the run was given. */
export type SourceAddress = { kind: 'results'; path: string } | { kind: 'inputs'; parameter: string; index: number };

type RunKey = Pick<Run, 'id' | 'projectId'>;

/** Opens the files that views of a run may show, and no other ones. */
@Injectable()
export class ImageSources {
  constructor(
    private readonly results: RunResults,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly references: FileReferences,
  ) {}

  /** The caller closes it. @throws NotFoundError. */
  async open(run: RunKey, address: SourceAddress): Promise<Original> {
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

/** Below `/runs/<run>/tiles/<what>/`. */
export function formatSource(address: SourceAddress): string {
  return address.kind === 'results' ? `results/${address.path}` : `inputs/${address.parameter}/${address.index}`;
}

/** For people. */
export function nameOfReference(reference: string): string {
  return parseEntryPath(reference.replace(/^\w+:/, '')).map(showEntryName).at(-1) ?? reference;
}
