import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../common/errors';
import { FileReferences } from '../common/files/file-references';
import { ProjectFiles } from '../common/files/project-files';
import type { Manifest } from '../common/pipelines/manifest';
import type { Project } from '../common/projects/project.entity';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import type { Submission } from './assignments';
import type { Assignment } from './executors/executor';
import { fillWorkFolder, tidyWorkFolder, type WorkPlaces } from './work-folder';

/**
 * What lies in the working folder of a program before it starts, and goes again when it has ended: files of arguments, links to inputs or
 * copies of them, results of an earlier run.
 */
@Injectable()
export class WorkFolders {
  constructor(
    private readonly projectFiles: ProjectFiles,
    private readonly references: FileReferences,
    private readonly runs: RunsRepository,
  ) {}

  /**
   * @param isOurs asks the queue whether the run still is under this fence.
   * @returns the assignment with what the program has to reach and to know beside.
   * @throws the errors of `common/errors` with a sentence for people when it can never run.
   */
  async fill(
    run: Run,
    { manifest, parameters, project }: Submission,
    made: Assignment,
    isOurs: () => Promise<boolean>,
  ): Promise<Assignment> {
    return project ? fillWorkFolder(this.placesOf(run, project, isOurs), { manifest, parameters }, made) : made;
  }

  /** Removes what was there for the program alone, and what its pipeline does not keep. */
  tidy(run: Run, project: Project, manifest: Manifest): Promise<void> {
    return tidyWorkFolder(
      this.placesOf(run, project, () => this.runs.isUnder(run)),
      manifest,
    );
  }

  private placesOf({ id }: Run, project: Project, isOurs: () => Promise<boolean>): WorkPlaces {
    return {
      runId: id,
      isOurs,
      open: () => this.projectFiles.of(project).openFolder(this.projectFiles.resultsPath(id)),
      resolve: (reference) => this.references.resolve(project, reference),
      place: (reference) => this.references.place(project, reference),
      resultsOf: async (chosen) => {
        const earlier = /^\d{1,15}$/.test(chosen) ? await this.runs.find(Number(chosen)) : null;
        if (earlier?.projectId !== project.id) throw new InvalidInputError('rendering.runGone', { run: chosen.slice(0, 20) });
        return this.projectFiles.of(project).inside(this.projectFiles.resultsPath(earlier.id));
      },
    };
  }
}
