import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { LimitError, NotFoundError, UnavailableError } from '../../common/errors';
import { freeSpace } from '../../common/files/free-space';
import { renderFiles, requireSize } from '../../common/pipelines/argument-files/render-files';
import { renderArguments } from '../../common/pipelines/arguments';
import type { Manifest, ParameterValues, Pipeline } from '../../common/pipelines/manifest';
import { demandOf } from '../../common/pipelines/needs';
import { pipelineDigest } from '../../common/pipelines/pipeline-digest';
import { engineOf } from '../../common/pipelines/runtime';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { Poke } from '../../common/queue/poke.service';
import { QueueStore } from '../../common/queue/queue-store';
import { Space } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { storedText } from '../../locales/text';
import { FormSources } from './form-sources';
import { submissionKey } from './submission-key';

export type SubmissionOutcome = { ok: true; runId: number; created: boolean } | { ok: false };

/** What a row of details holds in either database. */
const MOST_STORED_BYTES = 65_000;
const LONGEST_PATH = 4096;

/** Turns a filled-in form into a run: checks it, writes it into the queue once, and wakes the runners. */
@Injectable()
export class RunSubmission {
  constructor(
    private readonly store: QueueStore,
    private readonly poke: Poke,
    private readonly projects: ProjectsRepository,
    private readonly sources: FormSources,
    private readonly config: AppConfig,
    private readonly space: Space,
  ) {}

  /**
   * @param submission UUID of the form. The run is found again by it together with the values, so that a double click makes one run, and
   * going back to change a value makes another.
   * @param submitted values by parameter name, as they came.
   * @param exactly what must be as in the run that is repeated.
   * @throws LimitError when the values are too long or the space of the project's owner is full, UnavailableError when the disk is full, NotFoundError when the project was deleted
   * meanwhile.
   */
  async submit(
    person: User,
    project: Project,
    pipeline: Pipeline,
    submission: string,
    submitted: Readonly<Record<string, unknown>>,
    exactly: Pick<Manifest, 'sameImage'> = {},
  ): Promise<SubmissionOutcome> {
    const check = await this.sources.check(project, pipeline, submitted);
    return check.ok ? { ok: true, ...(await this.ask(person, project, pipeline, submission, check.values, exactly)) } : { ok: false };
  }

  /** The same with values that were checked. */
  async ask(
    person: User,
    project: Project,
    pipeline: Pipeline,
    submission: string,
    values: ParameterValues,
    exactly: Pick<Manifest, 'sameImage'> = {},
  ): Promise<{ runId: number; created: boolean }> {
    const { manifest } = pipeline;
    await checkLengths(manifest, values);
    await this.checkSpace();
    const submissionId = submissionIdOf(submission, person.id, project.id, manifest, values);
    await this.checkLimits(person, project, submissionId);
    const { runId, created } = await this.store.enqueue({
      submissionId,
      pipelineId: manifest.id,
      pipelineTitle: manifest.title,
      projectId: project.id,
      ownerId: person.id,
      parameters: values,
      manifest: { ...withoutPresets(manifest), ...exactly, digest: await pipelineDigest(pipeline, this.config.settings.PIPELINES_DIR) },
      timeLimitSeconds: manifest.limits.timeSeconds ?? this.config.settings.TIME_LIMIT,
      maxStarts: manifest.retry.starts,
      pipelineLimit: manifest.limits.parallel,
      engine: engineOf(manifest.runtime),
      needs: demandOf(manifest.needs, values),
      rank: manifest.rank,
    });
    void this.poke.pokeRunners();
    await this.requireProject(project, runId);
    if (created) await this.projects.touch(project.id, await this.store.nowMs());
    return { runId, created };
  }

  /** Only now, after the run is in the queue: who deletes a project removes its row first and looks for runs afterwards. */
  private async requireProject({ id }: Project, runId: number): Promise<void> {
    if (await this.projects.findById(id)) return;
    await this.store.requestCancel(runId, storedText('projects.deletedMeanwhile'));
    throw new NotFoundError('errors.noSuchProject');
  }

  /** Asking again for a run that was accepted is no further run. */
  private async checkLimits({ id }: User, { ownerId }: Project, submissionId: string): Promise<void> {
    try {
      const { MAX_WAITING_PER_PERSON: most } = this.config.settings;
      if (most > 0 && (await this.store.waitingOf(id)) >= most) throw new LimitError('run.tooManyWaiting', { most });
      await this.space.requireRoom(ownerId);
    } catch (error) {
      if (!(error instanceof LimitError) || (await this.store.findSubmission(submissionId)) === null) throw error;
    }
  }

  private async checkSpace(): Promise<void> {
    const { FREE_SPACE_RESERVE: reserve } = this.config.settings;
    if ((await freeSpace(this.config.filesRoot)) < reserve) throw new UnavailableError('run.diskFull');
  }
}

/** What the form offers says nothing of a run. */
function withoutPresets({ presets: _presets, ...manifest }: Manifest): Record<string, unknown> {
  return manifest;
}

/** Said now rather than by the runner later: with paths as long as they may become. */
async function checkLengths(manifest: Manifest, values: ParameterValues): Promise<void> {
  const folder = `/${'x'.repeat(200)}`;
  // Letters alone: what a name holds was looked at by its own path.
  const pathOf = (reference: string) => `${folder}/${'x'.repeat(Buffer.byteLength(reference))}`.slice(0, LONGEST_PATH);
  const places = { outputFolder: folder, projectFolder: folder, runId: '1000000' };
  await renderArguments(manifest, values, { resolveFile: pathOf, ...places });
  requireSize(renderFiles(manifest, values, { pathOf, workFolder: folder, ...places }));
  if (Buffer.byteLength(JSON.stringify(values)) > MOST_STORED_BYTES) throw new LimitError('pipelines.argumentsTooLong');
}

/** The key under which the queue makes this run only once. Nobody can hit the run of somebody else with it. */
function submissionIdOf(submission: string, ownerId: string, projectId: string, manifest: Manifest, values: ParameterValues): string {
  return submissionKey([submission, ownerId, projectId, manifest.id, values]);
}
