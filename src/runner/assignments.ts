import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../common/errors';
import { FileReferences } from '../common/files/file-references';
import type { EntryPath } from '../common/files/entry-name';
import { ProjectFiles } from '../common/files/project-files';
import { RunFolders } from '../common/files/run-folders';
import type { SafeDirectory } from '../common/files/safe-directory';
import { renderArguments } from '../common/pipelines/arguments';
import type { Manifest, ParameterValues, Pipeline } from '../common/pipelines/manifest';
import { PipelineCatalogue } from '../common/pipelines/pipeline-catalogue';
import { filledIn } from '../common/pipelines/slurm-placement';
import type { Project } from '../common/projects/project.entity';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { isRemote } from '../common/queue/choose-runs';
import { wordsOf } from '../common/queue/run-row';
import type { Run } from '../common/queue/run.entity';
import { RunsRepository } from '../common/queue/runs.repository';
import { commandWords, runVariables } from './command-words';
import type { Assignment, Execution } from './executors/executor';

/** The catalogue looks at the folders once a second. */
const LOOK_AGAIN_MS = 1500;

/** What the database knows of a run beside its row. */
export interface Submission {
  manifest: Manifest;
  parameters: ParameterValues;
  /** Null when it was deleted. */
  project: Project | null;
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
  async read({ id, projectId }: Run): Promise<Submission> {
    const [details, project] = await Promise.all([this.runs.details(id), this.projects.findById(projectId)]);
    if (!details) throw new Error(`the details of run ${id} are missing`);
    return { manifest: details.manifest as unknown as Manifest, parameters: details.parameters as ParameterValues, project };
  }

  /**
   * Makes the folders of a run and says what to run in them. The folder for results is empty afterwards: what an earlier attempt left
   * there must not pass for the outcome of this one.
   * @param submitted what was asked for, which need not be known yet. @param isOurs asks the queue whether the run still is under this fence.
   * @throws the errors of `common/errors` with a sentence for people when it can never run: pipeline, project or input are gone.
   */
  async make(run: Run, submitted: Promise<Submission>, isOurs: () => Promise<boolean>): Promise<Assignment> {
    const [{ manifest, parameters, project }, pipeline, folder] = await Promise.all([
      submitted,
      this.findPipeline(run),
      this.controlFolder(run),
    ]);
    if (!project) throw new NotFoundError('runner.projectGone');
    if (run.attempt > 1) await this.renewResultsFolder(run, project, isOurs);
    const cwd = await this.resultsFolder(run, project);
    const projectFolder = resolve(cwd, ...this.projectFiles.resultsPath(run.id).map(() => '..'));
    const inputs: string[] = [];
    const words = await renderArguments(manifest, parameters, {
      outputFolder: cwd,
      projectFolder,
      runId: String(run.id),
      resolveFile: async (reference) => {
        const path = await this.references.resolve(project, reference);
        inputs.push(path);
        return path;
      },
    });
    const argv = [...commandWords(manifest, pipeline.folder), ...words];
    const gpuIds = wordsOf(run.gpuIds);
    return {
      runId: run.id,
      attempt: run.attempt,
      folder,
      runtime: filledIn(manifest.runtime, parameters),
      pipelineFolder: pipeline.folder,
      argv,
      cwd,
      projectFolder,
      inputs,
      env: { ...manifest.runtime.env, ...runVariables(run, cwd), ...gpuVariables(run, gpuIds) },
      needs: { cpu: run.needCpu, memory: run.needMemory, gpus: run.needGpus },
      limits: manifest.limits,
      gpuIds,
      timeLimitSeconds: run.timeLimitSeconds,
      ...(manifest.sameImage ? { sameImage: manifest.sameImage } : {}),
    };
  }

  /** Writes down the command as it is started, for the page of the run. */
  async note({ runId, argv, cwd }: Assignment): Promise<void> {
    const directory = this.runFolders.of(runId);
    const path = [Buffer.from('command.json')];
    const file = await directory.createFile(path).catch(async (error: unknown) => {
      // Of an earlier attempt.
      if (!(error instanceof ConflictError)) throw error;
      await directory.remove(path);
      return directory.createFile(path);
    });
    try {
      await file.writeFile(JSON.stringify({ argv, cwd }));
    } finally {
      await file.close();
    }
  }

  /** Where an attempt is found again that was made before; its folder is made if it is missing, so that it can be sealed. */
  async find(run: Run): Promise<Execution> {
    await this.runFolders.create(run.id, run.attempt);
    return {
      runId: run.id,
      attempt: run.attempt,
      engine: run.engine,
      folder: this.runFolders.attemptPath(run.id, run.attempt),
      handle: run.handle,
    };
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
    try {
      return await this.runFolders.createAttempt(run.id, run.attempt);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Attempts are never counted down, so this one belongs to another database, or to a later time of this one. Not the run's fault.
      throw new Error(`the control folder of run ${run.id}, attempt ${run.attempt} is in use already`, { cause: error });
    }
  }

  private async resultsFolder(run: Run, project: Project): Promise<string> {
    const files = this.projectFiles.of(project);
    const path = this.projectFiles.resultsPath(run.id);
    // The last step alone first: the folders above it are nearly always there.
    return files.makeFolderForProgram(path).catch(async (error: unknown) => {
      if (error instanceof NotFoundError) await this.makeResultsFolder(files, path);
      else if (!(error instanceof ConflictError)) throw error;
      return files.pathForProgram(path);
    });
  }

  /**
   * Each attempt but the first gets a folder of its own, put in the place of the one of before. We may be held up at any step while
   * another runner takes the run over and starts the next attempt, and must not touch what that one writes. What closes it is the order:
   * whoever takes over raises the fence, so that `isOurs` is false, removes our new folder, without which we can put nothing in place, and
   * only then puts one there. What we have open before we ask is an older one.
   */
  private async renewResultsFolder(run: Run, project: Project, isOurs: () => Promise<boolean>): Promise<void> {
    const files = this.projectFiles.of(project);
    await this.makeResultsFolder(files, this.projectFiles.resultsRoot());
    const staging = await this.projectFiles.staging(project.homeId);
    const freshOf = (attempt: number) => [this.projectFiles.freshResultsName(project.id, run.id, attempt)];
    await staging.ensureFolder(freshOf(run.attempt));
    for (let earlier = 2; earlier < run.attempt; earlier += 1) await staging.remove(freshOf(earlier));
    if (await staging.replaceFolder(freshOf(run.attempt), this.projectFiles.resultsPath(run.id), files, isOurs)) return;
    await staging.remove(freshOf(run.attempt));
    throw new Error(`run ${run.id}, attempt ${run.attempt} was taken over by another runner`);
  }

  private async makeResultsFolder(files: SafeDirectory, path: EntryPath): Promise<void> {
    // Made by whoever makes a project, never here: a project that is being deleted must not come back.
    if (!(await files.exists([]))) throw new NotFoundError('runner.projectGone');
    await files.ensureFolder(path).catch((error: unknown) => {
      throw error instanceof NotFoundError ? new ConflictError('runner.noPlaceForResults') : error;
    });
  }
}

/** Programs that see no variable use every GPU that there is: so runs without one are told that there is none. */
function gpuVariables({ engine }: Run, gpuIds: readonly string[]): Record<string, string> {
  return isRemote(engine) ? {} : { CUDA_VISIBLE_DEVICES: gpuIds.join(',') };
}
