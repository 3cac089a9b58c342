import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Manifest } from '../../common/pipelines/manifest';
import type { Run } from '../../common/queue/run.entity';
import { chooseResults, type ShownResult } from '../show/result-choice';
import { readTable } from '../show/result-preview';
import { readResultTree } from '../show/result-tree';
import { RunResults } from '../show/run-results';
import { address } from '../views/helpers';
import { joinTables, type JoinedTable } from './comparison';

/** What one run has left. */
export interface OutputsOfRun {
  runId: number;
  directory: SafeDirectory;
  shown: ShownResult[];
  count: number;
  bytes: number;
}

/** The same picture of each run. */
export interface ComparedPicture {
  /** Name of the file in the folder of results. */
  name: string;
  title: string;
  /** In the order of the runs; null where a run has no such picture. `src` is below the base path. */
  views: ({ runId: number; src: string } | null)[];
}

const MOST_PICTURES = 12;
const MOST_TABLES = 4;

/** Pictures and tables of several runs, brought together by the names of their files. */
@Injectable()
export class RunOutputs {
  constructor(private readonly results: RunResults) {}

  /** @param rules of the manifest as it was when the run was asked for. @throws NotFoundError when they are gone. */
  async of(run: Run, rules: Manifest['outputs']): Promise<OutputsOfRun> {
    const directory = await this.results.of(run);
    const { files, bytes } = await readResultTree(directory);
    return { runId: run.id, directory, shown: chooseResults(files, rules), count: files.length, bytes };
  }

  /** Those that at least one run has, in the order of the first. */
  picturesBesides(runs: readonly (OutputsOfRun | null)[]): ComparedPicture[] {
    return namesOf(runs, 'image', 1)
      .slice(0, MOST_PICTURES)
      .map(({ name, title }) => ({ name, title, views: runs.map((run) => pictureOf(run, name)) }));
  }

  /** Tables that at least two runs have, and that have a column which names their rows. @param key name of that column; '' for any. */
  async joinTables(
    runs: readonly (OutputsOfRun | null)[],
    key: string,
  ): Promise<{ title: string; joined: JoinedTable; isPart: boolean }[]> {
    const found: { title: string; joined: JoinedTable; isPart: boolean }[] = [];
    for (const { name, title } of namesOf(runs, 'table', 2).slice(0, MOST_TABLES)) {
      const tables = await Promise.all(runs.map((run) => tableOf(run, name)));
      const joined = joinTables(tables, key);
      if (joined) found.push({ title, joined, isPart: tables.some((table) => table?.more) });
    }
    return found;
  }
}

/** Files of a kind that at least so many runs have. */
function namesOf(runs: readonly (OutputsOfRun | null)[], kind: ShownResult['kind'], least: number): { name: string; title: string }[] {
  const found = new Map<string, { title: string; count: number }>();
  for (const { file, title } of runs.flatMap((run) => run?.shown ?? []).filter((one) => one.kind === kind)) {
    found.set(file.shown, { title: found.get(file.shown)?.title ?? title, count: (found.get(file.shown)?.count ?? 0) + 1 });
  }
  return [...found].filter(([, { count }]) => count >= least).map(([name, { title }]) => ({ name, title }));
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
