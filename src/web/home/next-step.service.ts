import { Injectable } from '@nestjs/common';
import { showEntryName } from '../../common/files/entry-name';
import { ProjectContents } from '../../common/files/project-contents';
import type { Project } from '../../common/projects/project.entity';
import { isHeld } from '../../common/queue/run-state';
import type { User } from '../../common/users/user.entity';
import { ProjectPipelines } from '../projects/project-pipelines';
import type { RunRow } from '../queue/run-row';

/** The one thing that the dashboard proposes. */
export type NextStep =
  | { kind: 'createProject' }
  /** `project` is where its run belongs; null where it is gone. */
  | { kind: 'watch' | 'look' | 'mend'; run: RunRow; project: { id: string; name: string } | null }
  /** There is nothing in it to run anything on. */
  | { kind: 'upload'; project: { id: string; name: string } }
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

  /** @param latest runs and @param projects the latest ones, newest first. @param projectOf ids of the projects of these runs. */
  async of(
    person: User,
    latest: readonly RunRow[],
    projects: readonly Project[],
    projectOf: ReadonlyMap<number, string>,
  ): Promise<NextStep> {
    const [project] = projects;
    if (!project) return { kind: 'createProject' };
    // Of a project that one was taken out of nothing opens.
    const runs = latest.filter(({ mayRead }) => mayRead);
    // Whoever cancels a run is done with it.
    const newest = runs.find(({ state }) => state !== 'cancelled');
    if (!newest) return this.beginIn(person, project);
    const step = (kind: 'watch' | 'look' | 'mend', run: RunRow): NextStep => {
      const id = projectOf.get(run.id);
      return { kind, run, project: id !== undefined && run.projectName !== null ? { id, name: run.projectName } : null };
    };
    const going = runs.find((run) => run.state === 'running') ?? runs.find((run) => isHeld(run.state));
    if (going || newest.finishedMs === null) return step('watch', going ?? newest);
    // Where something was done since then, people are at that.
    if (projectOf.get(newest.id) !== project.id && project.changedMs > newest.finishedMs) return this.beginIn(person, project);
    return step(newest.state === 'succeeded' || newest.state === 'partial' ? 'look' : 'mend', newest);
  }

  private async beginIn(person: User, project: Project): Promise<NextStep> {
    const names = await this.contents.fileNames(project, MOST_NAMES);
    const { id, name } = project;
    if (names.length === 0) return { kind: 'upload', project: { id, name } };
    return { kind: 'run', project: { id, name }, pipeline: await this.readyFor(person, names) };
  }

  private async readyFor(person: User, names: readonly Buffer[]): Promise<{ id: string; title: string } | null> {
    const lines = await this.pipelines.of(person, names.map(showEntryName));
    const ready = lines.find(({ isReady }) => isReady);
    return ready ? { id: ready.id, title: ready.title } : null;
  }
}
