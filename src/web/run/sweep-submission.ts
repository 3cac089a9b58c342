import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { LimitError } from '../../common/errors';
import type { Manifest, ParameterValues, Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { writtenSet } from '../../common/pipelines/sweep/sweep-axis';
import type { Project } from '../../common/projects/project.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { FormSources } from './form-sources';
import type { FormSurroundings } from './form-surroundings';
import { InputFiles } from './input-files';
import { RunSubmission } from './run-submission';
import { submissionKey } from '../admission/submission-key';
import { RunAdmission } from '../admission/run-admission';
import { SweepFaults } from './sweep-faults';
import type { EnteredSweep } from './sweep-order';
import { entriesOfRun, planSweep, type SweepPlan } from './sweep-plan';

/** A run that was not asked for yet, by its place among the combinations. */
export interface CheckedRun {
  position: number;
  values: ParameterValues;
}

export type SweepOutcome = { ok: true; sweepId: string } | { ok: false; faults: string[] };

/** Turns a filled-in form and several values into as many runs. All of them are checked before the first is asked for. */
@Injectable()
export class SweepSubmission {
  constructor(
    private readonly submission: RunSubmission,
    private readonly files: InputFiles,
    private readonly sources: FormSources,
    private readonly sweeps: SweepsRepository,
    private readonly admission: RunAdmission,
    private readonly config: AppConfig,
  ) {}

  /** What was entered for an earlier sweep of the project; null where there is none. */
  async enteredFor(project: Project, { id: pipelineId }: Pick<Manifest, 'id'>, id: unknown): Promise<EnteredSweep | null> {
    const sweep = typeof id === 'string' && id !== '' ? await this.sweeps.find(id.slice(0, 36)) : null;
    if (sweep?.projectId !== project.id || sweep.pipelineId !== pipelineId) return null;
    // Line by line, because a value may hold a comma.
    const lines = (values: readonly string[]) => values.map((value) => `${writtenSet(value)}\n`).join('');
    return { mode: sweep.mode, axes: sweep.axes.map(({ parameter, values }) => ({ parameter, values: lines(values) })) };
  }

  /**
   * @param submission UUID of the form; sending it twice makes one sweep.
   * @throws LimitError where so many runs may not wait, and as `RunSubmission.submit`.
   */
  async submit(
    person: User,
    project: Project,
    pipeline: Pipeline,
    order: { submission: string; entered: Entered; sweep: EnteredSweep },
  ): Promise<SweepOutcome> {
    const { submission, entered } = order;
    const checked = await this.plan(person, project, pipeline, order);
    if ('faults' in checked) return { ok: false, faults: checked.faults };
    const { plan } = checked;
    const sweepId = submissionKey([submission, person.id, project.id, pipeline.manifest.id, plan.axes, plan.mode, entered]);
    if (!(await this.sweeps.find(sweepId))) await this.requirePlaces(person, plan.runs.length);
    const { id: pipelineId, title: pipelineTitle } = pipeline.manifest;
    const row = { id: sweepId, projectId: project.id, ownerId: person.id, pipelineId, pipelineTitle, axes: plan.axes, mode: plan.mode };
    await this.sweeps.add({ ...row, runCount: plan.runs.length });
    for (const { position, values } of checked.runs) {
      const { runId } = await this.submission.ask(person, project, pipeline, submissionKey([sweepId, position]), values);
      await this.sweeps.addRun(sweepId, position, runId);
    }
    return { ok: true, sweepId };
  }

  /** The runs that it would make, all of them checked; or what is wrong with some of them. */
  async plan(
    person: User,
    project: Project,
    pipeline: Pipeline,
    { entered, sweep }: { entered: Entered; sweep: EnteredSweep },
  ): Promise<{ plan: SweepPlan; runs: CheckedRun[] } | { faults: string[] }> {
    const files = await this.files.of(person, project);
    const around = this.sources.of(person, project, pipeline, files);
    const planned = await planSweep(pipeline.manifest, { entered, sweep }, files, around, this.config.settings.SWEEP_RUNS);
    if ('faults' in planned) return planned;
    const checked = await this.check(person, project, pipeline, entered, planned.plan, around);
    return 'faults' in checked ? checked : { plan: planned.plan, runs: checked.runs };
  }

  /** The values of every run, or what is wrong with some of them. */
  private async check(
    person: User,
    project: Project,
    pipeline: Pipeline,
    entered: Entered,
    plan: SweepPlan,
    around: FormSurroundings,
  ): Promise<{ runs: CheckedRun[] } | { faults: string[] }> {
    const { parameters } = pipeline.manifest;
    const runs: CheckedRun[] = [];
    const faults = new SweepFaults(parameters, plan);
    for (const { position, combination } of plan.runs) {
      const check = await this.sources.check(person, project, pipeline, entriesOfRun(parameters, entered, combination), around);
      runs.push({ position, values: check.values });
      if (!check.ok) faults.note(combination, check.errors);
      if (faults.areEnough) break;
    }
    return faults.isEmpty ? { runs } : { faults: faults.sentences() };
  }

  private async requirePlaces(person: User, count: number): Promise<void> {
    const { most, waiting } = await this.admission.placesOf(person.id);
    if (most !== null && waiting + count > most) throw new LimitError('sweep.tooManyWaiting', { count, most, waiting });
  }
}
