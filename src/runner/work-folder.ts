import { writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../common/errors';
import { formatEntryPath, type EntryPath } from '../common/files/entry-name';
import type { FilePlace } from '../common/files/file-references';
import { SafeDirectory } from '../common/files/safe-directory';
import type { Staging } from '../common/pipelines/argument-files/argument-file';
import { filesFor, type RenderedFile } from '../common/pipelines/argument-files/render-files';
import type { StagedFile } from '../common/pipelines/argument-files/staged-names';
import { isFilled, linkFolders, temporaryPaths } from '../common/pipelines/argument-files/written-paths';
import { WRITTEN_FILES, writtenRecord } from '../common/pipelines/argument-files/written-record';
import type { FileReference, Manifest, ParameterValues } from '../common/pipelines/manifest';
import { compileGlob } from '../common/pipelines/output-glob';
import { expectedOf, isJudged, type Expected } from '../common/pipelines/outcome/expected';
import { filesIn } from '../common/pipelines/value-files';
import type { Assignment } from './executors/executor';
import { writeExpected } from './outcome/expected-record';
import { translate } from './executors/handoff/path-map';

type RunStaging = Extract<Staging, { kind: 'run' }>;

/** Where a run works, and what it may take from there. */
export interface WorkPlaces {
  runId: number;
  /** Opens the folder for results. @throws NotFoundError when it is not there. */
  open(): Promise<FileHandle>;
  /** Whether the run still is the caller's. */
  isOurs(): Promise<boolean>;
  /** The absolute path that a program gets for an input. @throws the errors of `common/errors`. */
  resolve(reference: FileReference): Promise<string>;
  /** Where that input lies. @throws the errors of `common/errors`. */
  place(reference: FileReference): Promise<Pick<FilePlace, 'directory' | 'path'>>;
  /** Results of an earlier run of the same project. @throws InvalidInputError when it is none. */
  resultsOf(run: string): Promise<SafeDirectory>;
}

/**
 * Lays out what a program finds in its working folder. The folder is the one for results, so all of it is done by a handle of that folder,
 * opened before it is asked whose the run is: somebody who takes it over meanwhile puts a folder of their own in its place, and never
 * finds anything of ours there.
 * @returns the assignment with what the program has to reach and to know beside.
 * @throws the errors of `common/errors` with a sentence for people when it can never run; Error when it is not ours any more.
 */
export async function fillWorkFolder(
  places: WorkPlaces,
  { manifest, parameters }: { manifest: Manifest; parameters: ParameterValues },
  made: Assignment,
): Promise<Assignment> {
  if (!isFilled(manifest) && !isJudged(manifest)) return made;
  const paths = new Map<string, string>();
  for (const reference of filesIn(manifest.parameters, parameters)) paths.set(reference, await places.resolve(reference));
  const inside = insidePaths(made);
  const workFolder = inside(made.cwd);
  const runId = String(places.runId);
  const pathOf = (reference: string) => inside(paths.get(reference) ?? reference);
  const seen = { pathOf, workFolder, outputFolder: workFolder, projectFolder: inside(made.projectFolder), runId };
  const { written, staged } = filesFor(manifest, parameters, seen);
  const expected = expectedOf(manifest, parameters, seen);
  await within(places, async (folder) => {
    if (!(await places.isOurs())) throw new Error(`run ${runId}, attempt ${made.attempt} was taken over by another runner`);
    await stage(folder, places, staged, pathOf);
    const isStale = staleIn(manifest, expected);
    for (const staging of manifest.stage ?? []) {
      if (staging.kind === 'run') await stageRun(folder, places, staging, { parameters, isStale });
    }
    await clear(folder, manifest.before?.clear ?? []);
    for (const file of written) await write(folder, file);
    if (isJudged(manifest) || manifest.outcome.requiredOutputs.length > 0) await writeExpected(made.folder, expected, folder);
  });
  await writeFile(join(made.folder, WRITTEN_FILES), JSON.stringify(writtenRecord(written)));
  const told = manifest.runId;
  const env = told && 'env' in told ? { ...made.env, [told.env]: runId } : made.env;
  return { ...made, env, inputs: [...new Set([...made.inputs, ...paths.values()])] };
}

/** Removes what was there for the program alone, and what its pipeline does not keep; nothing where the run is not ours any more. */
export async function tidyWorkFolder(places: WorkPlaces, manifest: Manifest): Promise<void> {
  const [temporary, links, globs] = [temporaryPaths(manifest), linkFolders(manifest), manifest.after?.clear ?? []];
  if (temporary.length + links.length + globs.length === 0) return;
  const tidyIn = async (folder: SafeDirectory) => {
    if (!(await places.isOurs())) return;
    for (const path of temporary) await removeFile(folder, asPath(path));
    for (const path of links) await removeLinks(folder, asPath(path));
    await clear(folder, globs);
  };
  await within(places, tidyIn).catch(ignoreMissing);
}

async function within(places: WorkPlaces, work: (folder: SafeDirectory) => Promise<void>): Promise<void> {
  const handle = await places.open();
  try {
    await work(SafeDirectory.ofHandle(handle.fd));
  } finally {
    await handle.close();
  }
}

async function stage(
  folder: SafeDirectory,
  places: WorkPlaces,
  staged: readonly StagedFile[],
  pathOf: (reference: string) => string,
): Promise<void> {
  for (const { reference, path, as } of staged) {
    const at = await emptyPlace(folder, path);
    if (as === 'link') await folder.makeLink(at, pathOf(reference));
    else {
      const place = await places.place(reference);
      await place.directory.copy(place.path, at, folder);
    }
  }
}

/** Copies, never links: what an earlier run found is not to be changed by a later one. What a ticked step makes anew is left out. */
async function stageRun(
  folder: SafeDirectory,
  places: WorkPlaces,
  { parameter, globs, to }: RunStaging,
  { parameters, isStale }: { parameters: ParameterValues; isStale: (path: string) => boolean },
): Promise<void> {
  const chosen = Object.hasOwn(parameters, parameter) ? parameters[parameter] : undefined;
  if (typeof chosen !== 'string' || chosen === '') return;
  const results = await places.resultsOf(chosen);
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
