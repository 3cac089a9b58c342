import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { InvalidInputError, NotFoundError } from '../common/errors';
import { formatEntryPath, type EntryPath } from '../common/files/entry-name';
import { FileReferences } from '../common/files/file-references';
import { ProjectFiles } from '../common/files/project-files';
import { SafeDirectory } from '../common/files/safe-directory';
import type { Staging } from '../common/pipelines/argument-files/argument-file';
import { filesFor, type RenderedFile } from '../common/pipelines/argument-files/render-files';
import type { StagedFile } from '../common/pipelines/argument-files/staged-names';
import { isFilled, linkFolders, temporaryPaths } from '../common/pipelines/argument-files/written-paths';
import { WRITTEN_FILES, writtenRecord } from '../common/pipelines/argument-files/written-record';
import type { Manifest, ParameterValues } from '../common/pipelines/manifest';
import { compileGlob } from '../common/pipelines/output-glob';
import { expectedOf, isJudged, type Expected } from '../common/pipelines/outcome/expected';
import { filesIn } from '../common/pipelines/value-files';
import type { Project } from '../common/projects/project.entity';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import type { Submission } from './assignments';
import type { Assignment } from './executors/executor';
import { writeExpected } from './outcome/expected-record';
import { translate } from './executors/handoff/path-map';

type RunStaging = Extract<Staging, { kind: 'run' }>;

/**
 * What lies in the working folder of a program before it starts, and goes again when it has ended: files of arguments, links to inputs or
 * copies of them, results of an earlier run. The folder is the one for results, so all of it is done by a handle of that folder, opened
 * before the queue is asked whose the run is: somebody who takes it over meanwhile puts a folder of their own in its place, and never
 * finds anything of ours there.
 */
@Injectable()
export class WorkFolders {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly references: FileReferences,
    private readonly runs: RunsRepository,
  ) {}

  /**
   * @param isOurs asks the queue whether the run still is under this fence.
   * @returns the assignment with what the program has to reach and to know beside.
   * @throws the errors of `common/errors` with a sentence for people when it can never run.
   */
  async fill(
    run: Run,
    { manifest, parameters, project }: Submission,
    made: Assignment,
    isOurs: () => Promise<boolean>,
  ): Promise<Assignment> {
    if (!project || (!isFilled(manifest) && !isJudged(manifest))) return made;
    const paths = new Map<string, string>();
    for (const reference of filesIn(manifest.parameters, parameters)) {
      paths.set(reference, await this.references.resolve(project, reference));
    }
    const inside = insidePaths(made);
    const workFolder = inside(made.cwd);
    const pathOf = (reference: string) => inside(paths.get(reference) ?? reference);
    const places = { pathOf, workFolder, outputFolder: workFolder, projectFolder: inside(made.projectFolder), runId: String(run.id) };
    const { written, staged } = filesFor(manifest, parameters, places);
    const expected = expectedOf(manifest, parameters, places);
    await this.within(project, run, async (folder) => {
      if (!(await isOurs())) throw new Error(`run ${run.id}, attempt ${run.attempt} was taken over by another runner`);
      await this.stage(folder, project, staged, pathOf);
      const isStale = staleIn(manifest, expected);
      for (const staging of manifest.stage ?? []) {
        if (staging.kind === 'run') await this.stageRun(folder, project, staging, { parameters, isStale });
      }
      await clear(folder, manifest.before?.clear ?? []);
      for (const file of written) await write(folder, file);
      if (isJudged(manifest) || manifest.outcome.requiredOutputs.length > 0) await writeExpected(made.folder, expected, folder);
    });
    await writeFile(join(made.folder, WRITTEN_FILES), JSON.stringify(writtenRecord(written)));
    const { runId } = manifest;
    const env = runId && 'env' in runId ? { ...made.env, [runId.env]: String(run.id) } : made.env;
    return { ...made, env, inputs: [...new Set([...made.inputs, ...paths.values()])] };
  }

  /** Removes what was there for the program alone, and what its pipeline does not keep. */
  async tidy(run: Run, project: Project, manifest: Manifest): Promise<void> {
    const [temporary, links, globs] = [temporaryPaths(manifest), linkFolders(manifest), manifest.after?.clear ?? []];
    if (temporary.length + links.length + globs.length === 0) return;
    const tidyIn = async (folder: SafeDirectory) => {
      if (!(await this.runs.isUnder(run))) return;
      for (const path of temporary) await removeFile(folder, asPath(path));
      for (const path of links) await removeLinks(folder, asPath(path));
      await clear(folder, globs);
    };
    await this.within(project, run, tidyIn).catch(ignoreMissing);
  }

  private async within(project: Project, run: Run, work: (folder: SafeDirectory) => Promise<void>): Promise<void> {
    const handle = await this.projectFiles.of(project).openFolder(this.projectFiles.resultsPath(run.id));
    try {
      await work(SafeDirectory.ofHandle(handle.fd));
    } finally {
      await handle.close();
    }
  }

  private async stage(
    folder: SafeDirectory,
    project: Project,
    staged: readonly StagedFile[],
    pathOf: (reference: string) => string,
  ): Promise<void> {
    for (const { reference, path, as } of staged) {
      const at = await emptyPlace(folder, path);
      if (as === 'link') await folder.makeLink(at, pathOf(reference));
      else {
        const place = await this.references.place(project, reference);
        await place.directory.copy(place.path, at, folder);
      }
    }
  }

  /** Copies, never links: what an earlier run found is not to be changed by a later one. What a ticked step makes anew is left out. */
  private async stageRun(
    folder: SafeDirectory,
    project: Project,
    { parameter, globs, to }: RunStaging,
    { parameters, isStale }: { parameters: ParameterValues; isStale: (path: string) => boolean },
  ): Promise<void> {
    const chosen = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
    if (typeof chosen !== 'string' || chosen === '') return;
    const earlier = /^\d{1,15}$/.test(chosen) ? await this.runs.find(Number(chosen)) : null;
    if (earlier?.projectId !== project.id) throw new InvalidInputError('rendering.runGone', { run: chosen.slice(0, 20) });
    const results = this.projectFiles.of(project).inside(this.projectFiles.resultsPath(earlier.id));
    const wanted: EntryPath[] = [];
    const matches = globs.map(compileGlob);
    const look = ({ path }: { path: EntryPath }) => {
      const name = formatEntryPath(path);
      if (matches.some((fits) => fits(name)) && !isStale(to + name)) wanted.push(path);
      return true;
    };
    await results.eachFile([], look).catch(ignoreMissing);
    for (const path of wanted) {
      const place = [...asPath(to), ...path];
      await folder.ensureBelow(place.slice(0, -1));
      await folder.remove(place);
      await results.copy(path, place, folder);
    }
  }
}

/** Paths of this machine as the program sees them. Containers and clusters have the same. */
function insidePaths({ runtime }: Assignment): (path: string) => string {
  if (runtime.kind !== 'handoff' || runtime.pathMap.length === 0) return (path) => path;
  return (path) => translate(path, runtime.pathMap);
}

/** Whether a file is what a ticked step is going to make anew. */
function staleIn({ steps = [] }: Manifest, expected: Expected): (path: string) => boolean {
  const globs = steps.filter(({ id }) => expected.steps.includes(id)).flatMap(({ invalidates = [] }) => invalidates);
  const matches = globs.map(compileGlob);
  return (path) => matches.some((fits) => fits(path));
}

async function write(folder: SafeDirectory, { path, content }: RenderedFile): Promise<void> {
  const file = await folder.createFile(await emptyPlace(folder, path));
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/** Makes the folders on the way, and room. */
async function emptyPlace(folder: SafeDirectory, path: string): Promise<EntryPath> {
  const place = asPath(path);
  if (place.length > 1) await folder.ensureBelow(place.slice(0, -1));
  await folder.remove(place);
  return place;
}

/** Removes the files that a glob names, and the folders that are empty then. */
async function clear(folder: SafeDirectory, globs: readonly string[]): Promise<void> {
  if (globs.length === 0) return;
  const matches = globs.map(compileGlob);
  const found: EntryPath[] = [];
  await folder.eachFile([], ({ path }) => {
    const name = formatEntryPath(path);
    if (matches.some((fits) => fits(name))) found.push(path);
    return true;
  });
  for (const path of found) {
    await folder.remove(path);
    await removeEmptied(folder, path.slice(0, -1));
  }
}

/** A program may have put something else in its place: that is a result. */
async function removeFile(folder: SafeDirectory, path: EntryPath): Promise<void> {
  const entry = await folder.stat(path).catch(ignoreMissing);
  if (entry?.kind !== 'file') return;
  await folder.remove(path);
  await removeEmptied(folder, path.slice(0, -1));
}

async function removeLinks(folder: SafeDirectory, path: EntryPath): Promise<void> {
  await folder.removeLinks(path).catch(ignoreMissing);
  await removeEmptied(folder, path);
}

async function removeEmptied(folder: SafeDirectory, path: EntryPath): Promise<void> {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const isGone = await folder.removeEmpty(path.slice(0, depth)).catch(ignoreMissing);
    if (isGone === false) return;
  }
}

/** Paths of manifests are checked when they are read: each name can be one. */
function asPath(path: string): EntryPath {
  return path
    .split('/')
    .filter((name) => name !== '')
    .map((name) => Buffer.from(name));
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
  return undefined;
}
