import { posix } from 'node:path';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import { SafeDirectory } from '../../common/files/safe-directory';
import { DomainError } from '../../common/errors';
import { makeDistinct } from '../../common/pipelines/distinct-texts';
import { namesFrom, rowsFrom, type SourceFile } from '../../common/pipelines/file-source';
import type { Parameter, Pipeline } from '../../common/pipelines/manifest';
import { columnsIn, namesIn } from '../../common/pipelines/name-files';
import { compileGlob } from '../../common/pipelines/output-glob';
import type { Entered } from '../../common/pipelines/parameters';
import type { Row, Source } from '../../common/pipelines/rich-parameters';
import type { SourceNames, Surroundings } from '../../common/pipelines/surroundings';
import { text } from '../../locales/text';
import type { SampleFolder } from './sample-folder';

type Table = Extract<Parameter, { type: 'table' }>;

const MOST_FILES = 5000;
const HEAD_BYTES = 256 * 1024;
const RESULTS = Buffer.from('runs');

/** What the form of a sample picks from: the files of its project, runs of which it brought results, and lists beside its pipeline. */
export class SampleSurroundings implements Surroundings {
  /** What was said of lists of names that others have to provide, and that are not there. */
  readonly missing = new Set<string>();

  constructor(
    private readonly folder: SampleFolder,
    private readonly pipeline: Pipeline,
  ) {}

  async names(name: string, entered: Entered): Promise<SourceNames> {
    const { sources = {} } = this.pipeline.manifest;
    const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
    const found = source ? await this.namesOf(source, entered) : text('pipelines.noNames');
    return typeof found === 'string' ? { fault: text('samples.noNames', { name, why: found }) } : { names: new Set(found) };
  }

  async runFault(_parameter: unknown, run: string): Promise<string | undefined> {
    return (await this.folder.hasRun(run)) ? undefined : text('pipelines.runNotThere');
  }

  reference(name: string): Promise<string> {
    return Promise.resolve(name.startsWith('project:') ? name : `project:${formatEntryPath(bytesOf(posix.normalize(name)))}`);
  }

  async files(run: number | null): Promise<readonly string[]> {
    const above = run === null ? [] : [RESULTS, Buffer.from(String(run))];
    const { files } = await this.folder.project.findFiles(above, { most: MOST_FILES, skip: run === null ? [RESULTS] : [] });
    return files.map(({ path }) => path.map(String).join('/'));
  }

  /** The rows that a fresh form has of the files; null where a table is not filled. */
  async rowsOf({ fill, columns }: Table): Promise<Row[] | null> {
    const source = fill && this.pipeline.manifest.sources?.[fill.source];
    const rows = source?.kind === 'files' ? (rowsFrom(source, fill!, await this.projectFiles())?.rows ?? null) : null;
    if (rows) makeDistinct(columns, [], rows);
    return rows;
  }

  /** @returns the names, or why there are none. */
  private async namesOf(source: Source, entered: Entered): Promise<string[] | string> {
    if (source.kind === 'list') return (await this.listed(source.list)) ?? this.withoutList(source);
    if (source.kind === 'files') {
      const names = namesFrom(source, await this.projectFiles());
      if (names === null) return text('samples.patternTooSlow');
      return names.length > 0 ? names : text('samples.noNamesInFiles');
    }
    const run = source.run === null ? null : entered[source.run];
    if (run !== null && (typeof run !== 'string' || !(await this.folder.hasRun(run)))) return text('samples.noRun');
    const above = run === null ? [] : [RESULTS, Buffer.from(run)];
    return (await this.columns(above, source.columnsOf)) ?? text('samples.noColumns', { file: source.columnsOf });
  }

  private withoutList({ list, whenMissing }: Extract<Source, { kind: 'list' }>): string {
    if (whenMissing !== undefined) this.missing.add(whenMissing);
    return whenMissing ?? text('samples.listUnreadable', { file: list });
  }

  private async listed(file: string): Promise<string[] | null> {
    const content = await contentOf(SafeDirectory.open(this.pipeline.folder), parseEntryPath(file.replace(/^\.\//, '')));
    return content === null ? null : [...namesIn(content)];
  }

  private async columns(above: EntryPath, glob: string): Promise<string[] | null> {
    const isMeant = compileGlob(glob);
    const { files } = await this.folder.project.findFiles(above, { most: MOST_FILES, skip: above.length === 0 ? [RESULTS] : [] });
    const named = files.map(({ path }) => ({ path, name: formatEntryPath(path) })).filter(({ name }) => isMeant(name));
    const [first] = named.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
    const content = first ? await contentOf(this.folder.project, [...above, ...first.path], HEAD_BYTES) : null;
    return content === null ? null : columnsIn(content);
  }

  /** Files that people would have put there: not those of earlier runs. */
  private async projectFiles(): Promise<SourceFile[]> {
    const { files } = await this.folder.project.findFiles([], { most: MOST_FILES, skip: [RESULTS] });
    const found = files.map(({ path }) => ({ path: formatEntryPath(path), shown: path.map(String).join('/') }));
    const sorted = found.sort((one, other) => one.shown.localeCompare(other.shown, 'en', { numeric: true }));
    return sorted.map(({ path, shown }) => {
      const folder = posix.dirname(shown);
      return { name: posix.basename(shown), folder: folder === '.' ? '' : folder, reference: `project:${path}` };
    });
  }
}

/** @returns null for what is no text in UTF-8 or cannot be read. */
async function contentOf(directory: SafeDirectory, path: EntryPath, most?: number): Promise<string | null> {
  try {
    const { handle, size } = await directory.openFile(path);
    try {
      const buffer = Buffer.alloc(Math.min(size, most ?? size));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return new TextDecoder('utf-8', { fatal: most === undefined }).decode(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof DomainError || error instanceof TypeError) return null;
    throw error;
  }
}

function bytesOf(path: string): EntryPath {
  return path.split('/').map((name) => Buffer.from(name));
}
