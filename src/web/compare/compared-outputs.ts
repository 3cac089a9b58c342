import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Manifest } from '../../common/pipelines/manifest';
import type { ViewRule } from '../../common/pipelines/views/view-rules';
import type { Run } from '../../common/queue/run.entity';
import { chooseResults, type ShownResult } from '../show/result-choice';
import { readTable } from '../show/result-preview';
import type { ResultFile } from '../show/result-tree';
import { RunResults } from '../show/run-results';
import { filesOfView, resolveViews, versionOfView, type ResolvedView } from '../show/run-views';
import { address } from '../views/helpers';
import { joinTables, type JoinedTable } from './comparison';
import type { FileFact, FileList } from './file-lines';

/** What one run has left. */
export interface OutputsOfRun {
  runId: number;
  directory: SafeDirectory;
  shown: ShownResult[];
  /** Its layered views by place, name and title, in the order of its manifest. */
  layered: ReadonlyMap<string, ResolvedView>;
  tree: readonly ResultFile[];
  count: number;
  bytes: number;
  /** All of them, as far as they are listed. */
  files: FileList;
}

interface ViewAddress {
  view: number;
  /** What `{*}` stands for; null where the view is one. */
  of: string | null;
}

/** The same picture, or the same layered view, of each run. */
export interface ComparedPicture {
  /** Name of the file in the folder of results, or the title of the view. */
  name: string;
  title: string;
  /** What the linked viewers are asked for: `file` below the folder of results, as the first run has it, or a view. */
  query: { file: string } | ViewAddress;
  /** How many runs have it. */
  count: number;
  /** In the order of the runs; null where a run has no such picture. `src` is below the base path. */
  views: ({ runId: number; src: string } | null)[];
}

/** The same table of each run. */
export interface ComparedTable {
  title: string;
  /** Address below the folder of results. */
  address: string;
  /** The first rows beside each other; null where they have nothing in common that names them. */
  joined: JoinedTable | null;
  /** Whether there are more rows. */
  isPart: boolean;
}

const MOST_PICTURES = 12;
const MOST_TABLES = 4;

/** Pictures and tables of several runs, brought together by the names of their files. */
@Injectable()
export class ComparedOutputs {
  constructor(private readonly results: RunResults) {}

  /** @param rules and `views` of the manifest as it was when the run was asked for. @throws NotFoundError when they are gone. */
  async of(run: Run, rules: Manifest['outputs'], views: readonly ViewRule[]): Promise<OutputsOfRun> {
    const directory = await this.results.of(run);
    const { files, bytes, complete } = await this.results.tree(directory);
    const list = { files: files.map(toFact), complete };
    const shown = chooseResults(files, rules);
    const layered = new Map(resolveViews(views, files).map((view) => [keyOf(view), view]));
    return { runId: run.id, directory, shown, layered, tree: files, count: files.length, bytes, files: list };
  }

  /** Those that at least one run has, in the order of the first. */
  picturesBesides(runs: readonly (OutputsOfRun | null)[]): ComparedPicture[] {
    const single = namesOf(runs, 'image', 1).map(({ name, title, address: file, count }) => ({
      name,
      title,
      query: { file },
      count,
      views: runs.map((run) => pictureOf(run, name)),
    }));
    return [...layeredBesides(runs), ...single].slice(0, MOST_PICTURES);
  }

  /** Tables that at least two runs have, and that have a column which names their rows. @param key name of that column; '' for any. */
  async joinTables(runs: readonly (OutputsOfRun | null)[], key: string): Promise<ComparedTable[]> {
    const found: ComparedTable[] = [];
    for (const { name, title, address: file } of namesOf(runs, 'table', 2).slice(0, MOST_TABLES)) {
      const tables = await Promise.all(runs.map((run) => tableOf(run, name)));
      const joined = joinTables(tables, key);
      if (joined || tables.filter((table) => table !== null).length > 1) {
        found.push({ title, address: file, joined, isPart: tables.some((table) => table?.more) });
      }
    }
    return found;
  }
}

interface NamedFile {
  name: string;
  title: string;
  address: string;
  count: number;
}

function keyOf({ index, of, title }: ResolvedView): string {
  return JSON.stringify([index, of, title]);
}

/** Views at the same place of their manifests, of the same name, that at least two runs have. */
function layeredBesides(runs: readonly (OutputsOfRun | null)[]): ComparedPicture[] {
  const counts = new Map<string, number>();
  for (const key of runs.flatMap((run) => [...(run?.layered.keys() ?? [])])) counts.set(key, (counts.get(key) ?? 0) + 1);
  const common = [...counts].filter(([, count]) => count > 1).slice(0, MOST_PICTURES);
  return common.flatMap(([key, count]) => {
    const view = runs.find((run) => run?.layered.has(key))?.layered.get(key);
    if (!view) return [];
    const query = { view: view.index, of: view.of };
    return { name: view.title, title: view.title, query, count, views: runs.map((run) => layeredPictureOf(run, key, query)) };
  });
}

function layeredPictureOf(run: OutputsOfRun | null, key: string, query: ViewAddress): ComparedPicture['views'][number] {
  const view = run?.layered.get(key);
  if (!run || !view) return null;
  const version = Math.round(versionOfView(filesOfView(view, run.tree)));
  return { runId: run.runId, src: address('/runs', [run.runId, 'tiles', 'picture'], { ...query, v: version }) };
}

function toFact({ shown, size }: ResultFile): FileFact {
  return { name: shown, size, sha256: null };
}

/** Files of a kind that at least so many runs have. */
function namesOf(runs: readonly (OutputsOfRun | null)[], kind: ShownResult['kind'], least: number): NamedFile[] {
  const found = new Map<string, Omit<NamedFile, 'name'>>();
  for (const { file, title } of runs.flatMap((run) => run?.shown ?? []).filter((one) => one.kind === kind)) {
    const known = found.get(file.shown) ?? { title, address: file.address, count: 0 };
    found.set(file.shown, { ...known, count: known.count + 1 });
  }
  return [...found].filter(([, { count }]) => count >= least).map(([name, one]) => ({ name, ...one }));
}

function pictureOf(run: OutputsOfRun | null, name: string): ComparedPicture['views'][number] {
  const shown = run?.shown.find(({ kind, file }) => kind === 'image' && file.shown === name);
  if (!run || !shown) return null;
  const query = { labels: shown.labels || undefined, v: Math.round(shown.file.mtimeMs) };
  return { runId: run.runId, src: address('/runs', [run.runId, 'views', shown.file.address], query) };
}

/** The first rows; null where there is no such table, or it cannot be read. */
async function tableOf(run: OutputsOfRun | null, name: string): ReturnType<typeof readTable> {
  const shown = run?.shown.find(({ kind, file }) => kind === 'table' && file.shown === name);
  if (!run || !shown) return null;
  try {
    return await readTable(run.directory, shown);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}
