import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { DomainError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import { SafeDirectory } from '../../common/files/safe-directory';
import type { Parameter } from '../../common/pipelines/manifest';
import type { Sample, SampleFile } from '../../common/pipelines/sample-schema';

/** A project of one sample, made for it and removed after it: its files, the folder for results, and the control files of the run. */
export class SampleFolder {
  private constructor(
    readonly path: string,
    readonly project: SafeDirectory,
  ) {}

  /** @param samplesFolder where the files of the sample lie. @throws DomainError when one cannot be read. */
  static async make(): Promise<SampleFolder> {
    const path = await realpath(await mkdtemp(join(tmpdir(), 'showrunner-check-')));
    for (const folder of ['runs/1/1', 'project/runs/1']) await mkdir(join(path, folder), { recursive: true });
    return new SampleFolder(path, SafeDirectory.open(join(path, 'project')));
  }

  get projectFolder(): string {
    return join(this.path, 'project');
  }
  get results(): string {
    return join(this.path, 'project', 'runs', '1');
  }
  get runsRoot(): string {
    return join(this.path, 'runs');
  }
  get control(): string {
    return join(this.path, 'runs', '1', '1');
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

  /** @returns the name for people, or why it cannot be used. */
  async lookUp(given: string): Promise<{ name: string } | { fault: string }> {
    const path = given.replace(/^project:/, '');
    try {
      await this.project.pathForProgram(parseEntryPath(path));
      return { name: posix.basename(path) };
    } catch (error) {
      if (error instanceof DomainError) return { fault: error.message };
      throw error;
    }
  }

  resolve(given: string): Promise<string> {
    return this.project.pathForProgram(parseEntryPath(given.replace(/^project:/, '')));
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }

  private async put(source: SafeDirectory, file: SampleFile, place: string): Promise<void> {
    await mkdir(dirname(join(this.projectFolder, place)), { recursive: true });
    if ('text' in file) return writeFile(join(this.projectFolder, place), file.text);
    await source.copy(entryPath(posix.normalize(file.path)), entryPath(place), this.project);
  }
}

function nameOf(file: SampleFile): string {
  return posix.normalize('text' in file ? file.name : file.path);
}

function entryPath(path: string): EntryPath {
  return path.split('/').map((name) => Buffer.from(name));
}

function reference(path: string): string {
  return `project:${formatEntryPath(entryPath(path))}`;
}
