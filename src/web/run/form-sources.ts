import { Injectable } from '@nestjs/common';
import type { Pipeline } from '../../common/pipelines/manifest';
import { checkParameters, type ParameterCheck } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { ColumnNames } from './column-names';
import { FilePaths } from './file-paths';
import type { FollowedRun } from './followed-runs';
import { FormSurroundings } from './form-surroundings';
import { InputFiles, type FileChoices } from './input-files';
import { NameLists } from './name-lists';

/** Runs of a project that are offered. */
const MOST_RUNS = 500;

/** Gives each request what its form picks from. */
@Injectable()
export class FormSources {
  constructor(
    private readonly files: InputFiles,
    private readonly lists: NameLists,
    private readonly columns: ColumnNames,
    private readonly runs: RunsRepository,
    private readonly paths: FilePaths,
  ) {}

  /** @param choices where the files have been looked up already. */
  of(person: User, project: Project, pipeline: Pipeline, choices?: FileChoices): FormSurroundings {
    return new FormSurroundings(pipeline, {
      files: once(async () => (choices ?? (await this.files.of(person, project))).choices),
      list: (file) => this.lists.read(pipeline.folder, file),
      columns: (glob, run) => this.columns.of(project, glob, run),
      paths: (run) => this.paths.of(project, run),
      runs: once(async () => {
        const runs = await this.runs.byProject(project.id, MOST_RUNS);
        return runs.filter(({ state }) => state === 'succeeded' || state === 'partial');
      }),
    });
  }

  /** Checks what was submitted for a pipeline against the project as it is. */
  check(
    person: User,
    project: Project,
    pipeline: Pipeline,
    submitted: Readonly<Record<string, unknown>>,
    around = this.of(person, project, pipeline),
    after: FollowedRun | null = null,
  ): Promise<ParameterCheck> {
    return checkParameters(pipeline.manifest, submitted, this.files.lookUp(person, project, after), around);
  }
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
