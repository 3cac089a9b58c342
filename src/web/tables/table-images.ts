import { Injectable } from '@nestjs/common';
import type { Manifest } from '../../common/pipelines/manifest';
import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import { compileGlob } from '../../common/pipelines/output-glob';
import { fillPlace, type LayerRule, type ViewRule } from '../../common/pipelines/views/view-rules';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { titleOfFile } from '../show/result-choice';
import { RunResults } from '../show/run-results';
import { resolveViews } from '../show/run-views';
import { address } from '../views/helpers';

/** The view in which the rows of a table are objects. */
export interface TableImage {
  /** The column with their numbers. */
  key: string;
  /** Address of the view, below the base path. */
  href: string;
}

/** What the manifest says of a table: its title, and the image whose objects it tells of. */
@Injectable()
export class TableImages {
  constructor(
    private readonly runs: RunsRepository,
    private readonly results: RunResults,
  ) {}

  /** @param shown path of the table for people. */
  async titleOf(run: Run, shown: string): Promise<string> {
    const details = await this.runs.details(run.id);
    return titleOfFile(storedInReadersWords((details?.manifest ?? {}) as Partial<Manifest>).outputs ?? [], shown);
  }

  /** @param shown path of the table for people. @returns null for a table of no image. */
  async of(run: Run, results: SafeDirectory, shown: string): Promise<TableImage | null> {
    const details = await this.runs.details(run.id);
    const rules = (details?.manifest as { views?: ViewRule[] } | undefined)?.views ?? [];
    if (!rules.some(({ layers }) => layers.some(hasRows))) return null;
    const { files } = await this.results.tree(results);
    for (const { rule, index, of } of resolveViews(rules, files)) {
      const layer = rule.layers.find((one) => hasRows(one) && compileGlob(fillPlace(one.table ?? '', of))(shown));
      if (layer) return { key: layer.key ?? '', href: address('/runs', [run.id, 'viewer'], { view: index, of }) };
    }
    return null;
  }
}

/** Shapes have no place that could be found by their number. */
function hasRows({ as, table, key }: LayerRule): boolean {
  return table !== undefined && key !== undefined && (as === 'labels' || as === 'outlines');
}
