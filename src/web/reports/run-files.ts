import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { OutputRule } from '../../common/pipelines/manifest';
import { storedInReadersWords, titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { StoredManifest } from '../show/run-facts';
import { ruleOf } from '../show/result-choice';
import { RunResults } from '../show/run-results';

/** One file of a run, and what its pipeline says of it. */
export interface RunFile {
  run: { id: number; pipelineTitle: string };
  path: EntryPath;
  /** For addresses. */
  address: string;
  /** Its name, and its path, for people. */
  name: string;
  shown: string;
  title: string;
  caption: string;
  bytes: number;
  changedMs: number;
  rule: OutputRule | undefined;
  results: SafeDirectory;
}

/** Finds a file among the results of a run. */
@Injectable()
export class RunFiles {
  constructor(
    private readonly runs: RunsRepository,
    private readonly results: RunResults,
  ) {}

  /** @throws NotFoundError when there is no such file. */
  async find(run: Pick<Run, 'id' | 'projectId' | 'pipelineId' | 'pipelineTitle'>, path: EntryPath): Promise<RunFile> {
    const results = await this.results.of(run);
    const entry = await results.stat(path);
    const name = showEntryName(path.at(-1)!);
    if (entry.kind !== 'file') throw new NotFoundError('files.notRegular', { name });
    const shown = path.map(showEntryName).join('/');
    const rule = await this.ruleOf(run.id, shown);
    return {
      run: { id: run.id, pipelineTitle: titleInReadersWords(run) },
      path,
      address: formatEntryPath(path),
      name,
      shown,
      title: rule && rule.title !== rule.glob && rule.title !== '' ? rule.title : name,
      caption: rule?.caption ?? '',
      bytes: entry.size,
      changedMs: Math.round(entry.mtimeMs),
      rule,
      results,
    };
  }

  /** What the pipeline said of a file when the run was asked for. @param shown its path for people. */
  async ruleOf(runId: number, shown: string): Promise<OutputRule | undefined> {
    const details = await this.runs.details(runId);
    const { outputs = [] } = storedInReadersWords((details?.manifest ?? {}) as StoredManifest);
    return ruleOf(outputs, shown);
  }
}
