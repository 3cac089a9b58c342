import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { engineOf } from '../../common/pipelines/runtime';
import { checkParameters } from '../../common/pipelines/parameters';
import { AppConfig } from '../../common/config/app-config';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { parseFileReference } from '../../common/files/file-references';
import { ProjectFiles } from '../../common/files/project-files';
import type { SafeDirectory } from '../../common/files/safe-directory';
import type { FileLookup } from '../../common/pipelines/file-fields';
import type { Manifest, Pipeline } from '../../common/pipelines/manifest';
import { demandOf } from '../../common/pipelines/needs';
import { pipelineDigest } from '../../common/pipelines/pipeline-digest';
import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import { QueueStore } from '../../common/queue/queue-store';
import { storedText } from '../../locales/text';
import type { ProjectRecord } from './journal';
import type { EndedJob, WaitingJob } from './plan';
import { homeOf } from './project-moves';
import { Steps } from './steps';
import { TakenRunsRepository, type TakenRun } from './taken-runs.repository';

/** Name of the parameter that holds what the older system kept of a run. */
const KEPT = 'run_code';

/** The project of a run; its last change is what is known where no time is told. */
type RunPlace = Pick<ProjectRecord, 'id' | 'ownerId' | 'changedMs'>;

/** Makes runs of what the queue of the older system, and folders of projects, tell of. */
@Injectable()
export class RunTaking {
  constructor(
    private readonly runs: TakenRunsRepository,
    private readonly store: QueueStore,
    private readonly files: ProjectFiles,
    private readonly config: AppConfig,
    private readonly steps: Steps,
  ) {}

  /** A run that is over, with what is known of it. @returns its number here. */
  async addEnded(job: EndedJob, project: RunPlace): Promise<number> {
    const note = [storedText('queue.takenOver', { number: job.number }), job.message?.trim() ?? ''].filter(Boolean).join(' ');
    const { pipelineId, state, exitCode } = job;
    const details = job.pipeline && job.values ? exactDetails(job.pipeline, job.values) : plainDetails(job.pipeline, pipelineId, job.code);
    const id = await this.runs.add({
      ...ofProject(project, `job ${job.key}`),
      pipelineId,
      state,
      exitCode,
      note,
      ...timesOf(job, project),
      ...details,
    });
    this.steps.reached();
    return id;
  }

  /** A run of which nothing is known but what it has left. @returns its number here. */
  async addResults(project: ProjectRecord, pipeline: Pipeline | null): Promise<number> {
    const { newest, oldest } = project.resultsMs ?? { newest: project.changedMs, oldest: project.changedMs };
    const id = await this.runs.add({
      ...ofProject(project, 'results'),
      pipelineId: pipeline?.manifest.id ?? 'unknown',
      state: 'succeeded',
      exitCode: null,
      note: storedText('queue.takenOverResults'),
      // Nobody knows more of its times than its files.
      requestedMs: oldest,
      startedMs: oldest,
      finishedMs: newest,
      ...plainDetails(pipeline, 'unknown', ''),
    });
    this.steps.reached();
    return id;
  }

  /** @returns false when the values do not fit any more. */
  async addWaiting({ key, pipeline, submitted }: WaitingJob, project: ProjectRecord): Promise<boolean> {
    const { manifest } = pipeline;
    const check = await checkParameters(manifest, submitted, lookUpIn(this.files.of(homeOf(project))));
    if (!check.ok) return false;
    const { settings } = this.config;
    await this.store.enqueue({
      submissionId: submissionIdOf(project, `job ${key}`),
      pipelineId: manifest.id,
      pipelineTitle: manifest.title,
      projectId: project.id,
      ownerId: project.ownerId,
      parameters: check.values,
      manifest: { ...withoutPresets(manifest), digest: await pipelineDigest(pipeline, settings.PIPELINES_DIR) },
      timeLimitSeconds: manifest.limits.timeSeconds ?? settings.TIME_LIMIT,
      maxStarts: manifest.retry.starts,
      pipelineLimit: manifest.limits.parallel,
      engine: engineOf(manifest.runtime),
      needs: demandOf(manifest.needs, check.values),
      level: manifest.rank,
    });
    this.steps.reached();
    return true;
  }
}

/** Files of a project, before or after it was moved; there is no inbox to look into. */
export function lookUpIn(directory: SafeDirectory): FileLookup {
  return async (reference) => {
    try {
      const { source, path } = parseFileReference(reference);
      if (source === 'project' && (await directory.identify(path))) return { name: path.at(-1)?.toString() ?? '' };
    } catch (error) {
      if (!(error instanceof InvalidInputError || error instanceof NotFoundError)) throw error;
    }
    return { fault: reference };
  };
}

function ofProject(project: RunPlace, what: string): Pick<TakenRun, 'submissionId' | 'projectId' | 'ownerId'> {
  return { submissionId: submissionIdOf(project, what), projectId: project.id, ownerId: project.ownerId };
}

/** The same again for the same, so that a run is there once. */
function submissionIdOf({ id }: RunPlace, what: string): string {
  const hex = createHash('sha256').update(`take-over ${id} ${what}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** What is not told is taken from what is; a run never ends before it began, and only a cancelled one may never have begun. */
function timesOf(job: EndedJob, { changedMs }: RunPlace): Pick<TakenRun, 'requestedMs' | 'startedMs' | 'finishedMs'> {
  const finishedMs = job.endedMs ?? job.startedMs ?? job.requestedMs ?? changedMs;
  const requestedMs = Math.min(job.requestedMs ?? job.startedMs ?? finishedMs, finishedMs);
  const started = job.startedMs ?? (job.state === 'cancelled' ? null : requestedMs);
  return { requestedMs, startedMs: started === null ? null : Math.max(requestedMs, Math.min(started, finishedMs)), finishedMs };
}

function exactDetails({ manifest }: Pipeline, values: Record<string, unknown>) {
  return { pipelineTitle: manifest.title, parameters: values, manifest: withoutPresets(manifest) };
}

/** The pipeline as it shows its results, with what the older system kept as its one value. */
function plainDetails(pipeline: Pipeline | null, id: string, code: string) {
  const title = pipeline?.manifest.title ?? (id === 'unknown' ? storedText('queue.takenOverTitle') : id);
  const parameter = { name: KEPT, type: 'text', label: storedText('queue.takenOverCode'), required: false };
  const compiled = compileYaml('taken-over', JSON.stringify({ title, command: ['true'], parameters: code === '' ? [] : [parameter] }));
  if (Array.isArray(compiled)) throw new Error(compiled.join(' '));
  const { icon, outputs } = pipeline?.manifest ?? compiled;
  return {
    pipelineTitle: title,
    parameters: code === '' ? {} : { [KEPT]: code },
    manifest: withoutPresets({ ...compiled, id: pipeline?.manifest.id ?? id, title, icon, outputs }),
  };
}

/** What the form offers says nothing of a run. */
function withoutPresets({ presets: _presets, ...manifest }: Manifest): Record<string, unknown> {
  return manifest;
}
