import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { NotFoundError } from '../../common/errors';
import { checkLengths } from '../../common/pipelines/check-lengths';
import type { Manifest, ParameterValues, Pipeline } from '../../common/pipelines/manifest';
import { demandOf } from '../../common/pipelines/needs';
import { pipelineDigest } from '../../common/pipelines/pipeline-digest';
import { engineOf } from '../../common/pipelines/runtime';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { RunAdmission } from '../admission/run-admission';
import { submissionKey } from '../admission/submission-key';
import { Permissions } from '../http/access/permissions';
import type { FollowedRun } from './followed-runs';
import { FormSources } from './form-sources';

export type SubmissionOutcome = { ok: true; runId: number; created: boolean } | { ok: false };

/** `of`: the run is found again by this alone, whatever its values are by then. */
export type Submission = string | { of: readonly (string | number)[] };

/** What is known of a run beside its values. */
type More = Pick<Manifest, 'sameImage'> & { after?: FollowedRun | null };

/** Turns a filled-in form into a run: checks it, and asks for it once. */
@Injectable()
export class RunSubmission {
  constructor(
    private readonly sources: FormSources,
    private readonly admission: RunAdmission,
    private readonly permissions: Permissions,
    private readonly config: AppConfig,
  ) {}

  /**
   * @param submission UUID of the form, or what stands for one run whatever its values are. The run is found again by it together with the values, so that a double click makes one run, and
   * going back to change a value makes another.
   * @param submitted values by parameter name, as they came.
   * @param more what must be as in the run that is repeated, and which run has to succeed first.
   * @throws LimitError when the values are too long or the space of the project's owner is full, UnavailableError when the disk is full, NotFoundError when the project was deleted
   * meanwhile.
   */
  async submit(
    person: User,
    project: Project,
    pipeline: Pipeline,
    submission: Submission,
    submitted: Readonly<Record<string, unknown>>,
    more: More = {},
  ): Promise<SubmissionOutcome> {
    const check = await this.sources.check(person, project, pipeline, submitted, undefined, more.after);
    return check.ok ? { ok: true, ...(await this.ask(person, project, pipeline, submission, check.values, more)) } : { ok: false };
  }

  /** The same with values that were checked. */
  async ask(
    person: User,
    project: Project,
    pipeline: Pipeline,
    submission: Submission,
    values: ParameterValues,
    more: More = {},
  ): Promise<{ runId: number; created: boolean }> {
    const { manifest } = pipeline;
    const { after = null, ...exactly } = more;
    // Several runs are asked for one after the other: whoever is taken out of the project meanwhile asks for no more.
    if (!(await this.permissions.allows('projectRunner', { person, project }))) throw new NotFoundError('errors.noSuchProject');
    // Said now rather than by the runner later.
    await checkLengths(manifest, values);
    return this.admission.admit(project, {
      submissionId: submissionIdOf(submission, [person.id, project.id, manifest.id, values, ...(after ? [after.number] : [])]),
      pipelineId: manifest.id,
      pipelineTitle: manifest.title,
      projectId: project.id,
      ownerId: person.id,
      parameters: values,
      manifest: { ...ofRun(manifest), ...exactly, digest: await pipelineDigest(pipeline, this.config.settings.PIPELINES_DIR) },
      timeLimitSeconds: manifest.limits.timeSeconds ?? this.config.settings.TIME_LIMIT,
      maxStarts: manifest.retry.starts,
      pipelineLimit: manifest.limits.parallel,
      engine: engineOf(manifest.runtime),
      needs: demandOf(manifest.needs, values),
      level: manifest.rank,
      afterRun: after?.number,
    });
  }
}

/** What the form offers, and who else may run it, says nothing of a run. */
function ofRun({ presets: _presets, access: _access, ...manifest }: Manifest): Record<string, unknown> {
  return manifest;
}

/** The key under which the queue makes this run only once. Nobody can hit the run of somebody else with it. */
function submissionIdOf(submission: Submission, contents: readonly unknown[]): string {
  if (typeof submission !== 'string') return submissionKey(submission.of);
  return submissionKey([submission, ...contents]);
}
