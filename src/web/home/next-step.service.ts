import { Injectable } from '@nestjs/common';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectContents } from '../../common/files/project-contents';
import type { Project } from '../../common/projects/project.entity';
import { isHeld } from '../../common/queue/run-state';
import { ProjectPipelines } from '../projects/project-pipelines';
import type { RunRow } from '../queue/run-row';

/** The one thing that the dashboard proposes. */
export type NextStep =
  | { kind: 'createProject' }
  | { kind: 'watch' | 'look' | 'mend'; run: RunRow }
  /** `pipeline` could run now on the files that are there; null where none could. */
  | { kind: 'run'; project: { id: string; name: string }; pipeline: { id: string; title: string } | null };

/** Enough to see whether a pipeline finds its files. */
const MOST_NAMES = 1000;

/** Finds what somebody would do next. */
@Injectable()
export class NextSteps {
  constructor(
    private readonly contents: ProjectContents,
    private readonly pipelines: ProjectPipelines,
  ) {}

  /** @param runs and @param projects the latest ones, newest first. */
  async of(runs: readonly RunRow[], projects: readonly Project[]): Promise<NextStep> {
    const [project] = projects;
    if (!project) return { kind: 'createProject' };
    // Whoever cancels a run is done with it.
    const newest = runs.find(({ state }) => state !== 'cancelled');
    if (!newest) return { kind: 'run', project: { id: project.id, name: project.name }, pipeline: await this.readyIn(project) };
    const going = runs.find((run) => run.state === 'running') ?? runs.find((run) => isHeld(run.state));
    if (going || newest.finishedMs === null) return { kind: 'watch', run: going ?? newest };
    return { kind: newest.state === 'succeeded' || newest.state === 'partial' ? 'look' : 'mend', run: newest };
  }

  private async readyIn(project: Project): Promise<{ id: string; title: string } | null> {
    const names = await this.contents.fileNames(project, MOST_NAMES);
    const lines = await this.pipelines.of(names.map(showEntryName));
    const ready = lines.find(({ isReady }) => isReady);
    return ready ? { id: ready.id, title: ready.title } : null;
  }
}
