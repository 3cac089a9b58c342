import { mkdir, mkdtemp, realpath, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { DomainError, InvalidInputError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import { SafeDirectory } from '../../common/files/safe-directory';
import type { Parameter } from '../../common/pipelines/manifest';
import type { Sample, SampleFile } from '../../common/pipelines/sample-schema';
import type { WorkPlaces } from '../../runner/work-folder';

/** Number of the run that a sample is. */
export const SAMPLE_RUN = 1;

/** A project of one sample, made for it and removed after it: its files, the folder for results, and the control files of the run. */
export class SampleFolder implements WorkPlaces {
  readonly runId = SAMPLE_RUN;

  private constructor(
    readonly path: string,
    readonly project: SafeDirectory,
  ) {}

  /** @param samplesFolder where the files of the sample lie. @throws DomainError when one cannot be read. */
  static async make(): Promise<SampleFolder> {
    const path = await realpath(await mkdtemp(join(tmpdir(), 'showrunner-check-')));
    for (const folder of [`runs/${SAMPLE_RUN}/1`, `project/runs/${SAMPLE_RUN}`]) await mkdir(join(path, folder), { recursive: true });
    return new SampleFolder(path, SafeDirectory.open(join(path, 'project')));
  }

  get projectFolder(): string {
    return join(this.path, 'project');
  }
  get results(): string {
    return join(this.path, 'project', 'runs', String(SAMPLE_RUN));
  }
  get runsRoot(): string {
    return join(this.path, 'runs');
  }
  get control(): string {
    return join(this.path, 'runs', String(SAMPLE_RUN), '1');
  }

  /**
   * Puts the files of a sample into the project.
   * @returns what a form would send: the values, and references to the files.
   * @throws DomainError when one cannot be read.
   */
  async fill({ files, values }: Sample, parameters: readonly Parameter[], samplesFolder: string): Promise<Record<string, unknown>> {
    const entries: Record<string, unknown> = { ...values };
    const source = SafeDirectory.open(samplesFolder);
    for (const [name, listed] of Object.entries(files)) {
      const parameter = parameters.find((one) => one.name === name);
      const places = listed.map((file) => (parameter ? posix.basename(nameOf(file)) : posix.normalize(name)));
      for (const [index, file] of listed.entries()) await this.put(source, file, places[index]);
      if (parameter) entries[name] = parameter.type === 'files' ? places.map(reference) : reference(places[0]);
    }
    return entries;
  }

  /** @returns the name for people and the path for programs, or why it cannot be used. */
  async lookUp(given: string): Promise<{ name: string; path: string } | { fault: string }> {
    try {
      return { name: posix.basename(given.replace(/^project:/, '')), path: await this.resolve(given) };
    } catch (error) {
      if (error instanceof DomainError) return { fault: error.message };
      throw error;
    }
  }

  async resolve(given: string): Promise<string> {
    return this.project.pathForProgram(placeOf(given));
  }

  place(given: string): ReturnType<WorkPlaces['place']> {
    return Promise.resolve({ directory: this.project, path: placeOf(given) });
  }

  open(): Promise<FileHandle> {
    return this.project.openFolder(resultsPath(SAMPLE_RUN));
  }

  /** There is no other runner that could take it over. */
  isOurs(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** Whether the sample brought results of an earlier run of this number. */
  async hasRun(run: string): Promise<boolean> {
    return /^[1-9]\d{0,14}$/.test(run) && Number(run) !== SAMPLE_RUN && this.project.exists(resultsPath(Number(run)));
  }

  async resultsOf(run: string): Promise<SafeDirectory> {
    if (!(await this.hasRun(run))) throw new InvalidInputError('rendering.runGone', { run: run.slice(0, 20) });
    return this.project.inside(resultsPath(Number(run)));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }

  private async put(source: SafeDirectory, file: SampleFile, place: string): Promise<void> {
    if (place.startsWith(`runs/${SAMPLE_RUN}/`)) throw new InvalidInputError('samples.ownResults', { path: place, run: SAMPLE_RUN });
    await mkdir(dirname(join(this.projectFolder, place)), { recursive: true });
    if ('text' in file) return writeFile(join(this.projectFolder, place), file.text);
    await source.copy(entryPath(posix.normalize(file.path)), entryPath(place), this.project);
  }
}

function nameOf(file: SampleFile): string {
  return posix.normalize('text' in file ? file.name : file.path);
}

function placeOf(given: string): EntryPath {
  return parseEntryPath(given.replace(/^project:/, ''));
}

function resultsPath(run: number): EntryPath {
  return entryPath(`runs/${run}`);
}

function entryPath(path: string): EntryPath {
  return path.split('/').map((name) => Buffer.from(name));
}

function reference(path: string): string {
  return `project:${formatEntryPath(entryPath(path))}`;
}
