import { Injectable } from '@nestjs/common';
import type { RunLink } from '../../common/chains/run-link.entity';
import { RunLinksRepository } from '../../common/chains/run-links.repository';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Run } from '../../common/queue/run.entity';
import type { RunState } from '../../common/queue/run-state';
import { RunsRepository } from '../../common/queue/runs.repository';

/** Runs of which each follows the one before it. */
export interface ChainLine {
  steps: ChainStep[];
}

interface ChainStep {
  id: number;
  pipeline: string;
  state: RunState;
  /** Whether it is the run whose page it is. */
  isHere: boolean;
}

/** A run that several follow makes as many lines; more are not told. */
const MOST_LINES = 4;

/** Chains as lines of steps. Whoever asks has made sure that the reader may read the project. */
@Injectable()
export class ChainLines {
  constructor(
    private readonly links: RunLinksRepository,
    private readonly runs: RunsRepository,
  ) {}

  /** The lines on which a run stands; none for a run alone. */
  async ofRun(run: Run): Promise<ChainLine[]> {
    const lines = linesOf(await this.links.chainOf(run.id)).filter((line) => line.includes(run.id));
    return this.drawn(run.projectId, lines.slice(0, MOST_LINES), run.id);
  }

  /** The latest of a project, the newest first. */
  async ofProject(projectId: string, most: number): Promise<ChainLine[]> {
    const roots = await this.links.latestRoots(projectId, most);
    const lines: number[][] = [];
    for (const root of roots) lines.push(...linesOf(await this.links.chainOf(root)));
    return this.drawn(projectId, lines.slice(0, most), null);
  }

  private async drawn(projectId: string, lines: readonly number[][], here: number | null): Promise<ChainLine[]> {
    const found = await this.runs.findByIds([...new Set(lines.flat())]);
    const known = new Map(found.filter((run) => run.projectId === projectId).map((run) => [run.id, run]));
    return lines
      .map((line) => ({
        steps: line.flatMap((id) => {
          const run = known.get(id);
          return run ? [{ id, pipeline: titleInReadersWords(run), state: run.state, isHere: id === here }] : [];
        }),
      }))
      .filter(({ steps }) => steps.length > 1);
  }
}

/** From the first run to each that none follows. */
export function linesOf(links: readonly Pick<RunLink, 'runId' | 'afterRun' | 'rootRun'>[]): number[][] {
  const followers = Map.groupBy(links, ({ afterRun }) => afterRun);
  const lines: number[][] = [];
  const walk = (line: number[]): void => {
    const next = (followers.get(line.at(-1) ?? 0) ?? []).filter(({ runId }) => !line.includes(runId));
    if (next.length === 0) lines.push(line);
    for (const { runId } of next) walk([...line, runId]);
  };
  const [first] = links;
  if (first) walk([first.rootRun]);
  return lines;
}
