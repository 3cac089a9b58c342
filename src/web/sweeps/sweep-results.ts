import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { formatEntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Manifest } from '../../common/pipelines/manifest';
import type { Run } from '../../common/queue/run.entity';
import { chooseResults } from '../show/result-choice';
import { readTable } from '../show/result-preview';
import type { ResultFile } from '../show/result-tree';
import { RunResults } from '../show/run-results';
import { address } from '../views/helpers';

/** What a table of many runs shows of the results of one. */
export interface SweepResult {
  /** Its first picture, small; null where it has none. */
  picture: { src: string; title: string } | null;
  /** Its first table: how many rows it has; null where it has none, or nobody could count them. */
  table: { title: string; rows: number } | null;
  files: number;
}

/** The first picture and the first table of a run, in the order in which its own page shows them. */
@Injectable()
export class SweepResults {
  constructor(
    private readonly results: RunResults,
    private readonly projectFiles: ProjectFiles,
  ) {}

  /** @param rules of the manifest as it was when the run was asked for. @returns null where the results cannot be read (any more). */
  async of(run: Run, rules: Manifest['outputs']): Promise<SweepResult | null> {
    try {
      const directory = await this.results.of(run);
      const { files } = await this.results.tree(directory);
      const shown = chooseResults(files, rules);
      const picture = shown.find(({ kind }) => kind === 'image');
      const paper = shown.find(({ kind }) => kind === 'table');
      const table = paper ? await readTable(directory, paper) : null;
      return {
        picture: picture ? { src: this.pictureOf(run, picture.file), title: picture.title } : null,
        table: paper && table?.rowCount != null ? { title: paper.title, rows: table.rowCount } : null,
        files: files.length,
      };
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }

  private pictureOf({ id, projectId }: Run, { path, size, mtimeMs }: ResultFile): string {
    const inProject = formatEntryPath([...this.projectFiles.resultsPath(id), ...path]);
    const v = `${size.toString(36)}-${Math.round(mtimeMs).toString(36)}`;
    return address('/projects', [projectId, 'thumbnails', inProject], { size: 'grid', v });
  }
}
