import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../common/errors';
import { FileReferences } from '../common/files/file-references';
import { ProjectFiles } from '../common/files/project-files';
import { RunFolders } from '../common/files/run-folders';
import { renderArguments } from '../common/pipelines/arguments';
import type { Manifest, ParameterValues, Pipeline } from '../common/pipelines/manifest';
import { PipelineCatalogue } from '../common/pipelines/pipeline-catalogue';
import type { Project } from '../common/projects/project.entity';
import { ProjectsRepository } from '../common/projects/projects.repository';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import type { Assignment, Execution } from './executors/executor';

/** The catalogue looks at the folders once a second. */
const LOOK_AGAIN_MS = 1500;

/** What was submitted with a run, as its details keep it. */
export interface Submission {
  manifest: Manifest;
  parameters: ParameterValues;
}

/** Turns a submitted run into a command line in a folder. */
@Injectable()
export class Assignments {
  constructor(
    private readonly catalogue: PipelineCatalogue,
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly references: FileReferences,
    private readonly runFolders: RunFolders,
    private readonly runs: RunsRepository,
  ) {}

  /** What was asked for, as it was when it was asked for. */
  async submissionOf(runId: number): Promise<Submission> {
    const details = await this.runs.details(runId);
    if (!details) throw new Error(`the details of run ${runId} are missing`);
    return { manifest: details.manifest as unknown as Manifest, parameters: details.parameters as ParameterValues };
  }

  /**
   * Makes the folders of a run and says what to run in them. The folder for results is empty afterwards: what an earlier attempt left
   * there must not pass for the outcome of this one.
   * @throws the errors of `common/errors` with a sentence for people when it can never run: pipeline, project or input are gone.
   */
  async make(run: Run, { manifest, parameters }: Submission): Promise<Assignment> {
    const pipeline = await this.findPipeline(run);
    const project = await this.projects.findById(run.projectId);
    if (!project) throw new NotFoundError('runner.projectGone');
    const folder = await this.controlFolder(run);
    const cwd = await this.resultsFolder(run, project);
    const words = await renderArguments(manifest, parameters, {
      outputFolder: cwd,
      resolveFile: (reference) => this.references.resolve(project, reference),
    });
    const argv = [...commandOf(manifest, pipeline.folder), ...words];
    await this.noteCommand(run, { argv, cwd });
    const about = { SHOWRUNNER_RUN: String(run.id), SHOWRUNNER_ATTEMPT: String(run.attempt) };
    return { runId: run.id, attempt: run.attempt, folder, argv, cwd, env: { ...manifest.runtime.env, ...about } };
  }

  /** Where an attempt that was made earlier is found again, whether or not its folder still exists. */
  async find(run: Run): Promise<Execution> {
    const folder = await this.runFolders.create(run.id, run.attempt);
    return { runId: run.id, attempt: run.attempt, folder: await folder.pathForProgram([attemptName(run)]), handle: run.handle };
  }

  /** Looks twice: what was just added may not be in the catalogue yet, and what is being replaced is missing for a moment. */
  private async findPipeline(run: Run): Promise<Pipeline> {
    const pipeline = await this.catalogue.find(run.pipelineId);
    if (pipeline) return pipeline;
    await sleep(LOOK_AGAIN_MS);
    const later = await this.catalogue.find(run.pipelineId);
    if (!later) throw new NotFoundError('runner.pipelineGone', { pipeline: run.pipelineTitle });
    return later;
  }

  private async controlFolder(run: Run): Promise<string> {
    const directory = await this.runFolders.create(run.id, run.attempt);
    const { total } = await directory.list([attemptName(run)], { limit: 1 });
    // Attempts are never counted down, so this is the folder of another database that shared RUNS_ROOT, or of a later time.
    if (total > 0) throw new Error(`the control folder of run ${run.id}, attempt ${run.attempt} is in use already`);
    return directory.pathForProgram([attemptName(run)]);
  }

  private async resultsFolder(run: Run, project: Pick<Project, 'id' | 'ownerId'>): Promise<string> {
    const files = this.projectFiles.of(project);
    const path = this.projectFiles.resultsPath(run.id);
    if (run.attempt > 1) await files.remove(path);
    await files.ensureFolder(path);
    return files.pathForProgram(path);
  }

  private async noteCommand(run: Run, command: { argv: string[]; cwd: string }): Promise<void> {
    const directory = this.runFolders.of(run.id);
    const path = [Buffer.from('command.json')];
    await directory.remove(path);
    const file = await directory.createFile(path);
    try {
      await file.writeFile(JSON.stringify(command));
    } finally {
      await file.close();
    }
  }
}

function attemptName({ attempt }: Run): Buffer {
  return Buffer.from(String(attempt));
}

/** `node` is the Node that runs us, `./x` a file of the pipeline; all else is looked up in PATH. */
function commandOf({ runtime }: Manifest, folder: string): string[] {
  return runtime.command.map((word, index) => {
    if (index === 0 && word === 'node') return process.execPath;
    return word.startsWith('./') ? join(folder, word) : word;
  });
}
