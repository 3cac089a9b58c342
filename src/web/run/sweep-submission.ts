import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { LimitError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Combination } from '../../common/pipelines/sweep/combinations';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { FormSources } from './form-sources';
import { InputFiles } from './input-files';
import { RunSubmission } from './run-submission';
import { submissionKey } from './submission-key';
import { valueWords } from '../sweeps/axis-words';
import type { EnteredSweep } from './sweep-order';
import { entriesOfRun, planSweep, type SweepPlan } from './sweep-plan';

export type SweepOutcome = { ok: true; sweepId: string } | { ok: false; faults: string[] };

/** Sentences about runs that are wrong; the others look alike. */
const MOST_FAULTS = 5;

/** Turns a filled-in form and several values into as many runs. All of them are checked before the first is asked for. */
@Injectable()
export class SweepSubmission {
  constructor(
    private readonly submission: RunSubmission,
    private readonly files: InputFiles,
    private readonly sources: FormSources,
    private readonly sweeps: SweepsRepository,
    private readonly store: QueueStore,
    private readonly config: AppConfig,
  ) {}

  /** What was entered for an earlier sweep of the project; null where there is none. */
  async enteredFor(project: Project, id: unknown): Promise<EnteredSweep | null> {
    const sweep = typeof id === 'string' && id !== '' ? await this.sweeps.find(id.slice(0, 36)) : null;
    if (sweep?.projectId !== project.id) return null;
    // Line by line, because a value may hold a comma.
    return { mode: sweep.mode, axes: sweep.axes.map(({ parameter, values }) => ({ parameter, values: `${values.join('\n')}\n` })) };
  }

  /** What an entered sweep stands for in this project. */
  async plan(project: Project, { manifest }: Pipeline, entered: EnteredSweep) {
    const { choices } = await this.files.of(project);
    return planSweep(manifest, entered, choices, this.config.settings.SWEEP_RUNS);
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
    const { submission, entered, sweep } = order;
    const planned = await this.plan(project, pipeline, sweep);
    if ('faults' in planned) return { ok: false, faults: planned.faults };
    const { plan } = planned;
    const { parameters } = pipeline.manifest;
    const faults = await this.faultsOf(project, pipeline, entered, plan);
    if (faults.length > 0) return { ok: false, faults };
    const sweepId = submissionKey([submission, person.id, project.id, pipeline.manifest.id, plan.axes, plan.mode, entered]);
    if (!(await this.sweeps.find(sweepId))) await this.requirePlaces(person, plan.combinations.length);
    const { id: pipelineId, title: pipelineTitle } = pipeline.manifest;
    const row = { id: sweepId, projectId: project.id, ownerId: person.id, pipelineId, pipelineTitle, axes: plan.axes, mode: plan.mode };
    await this.sweeps.add({ ...row, runCount: plan.combinations.length });
    for (const [position, combination] of plan.combinations.entries()) {
      // Each has a key of its own: two runs of one sweep may come out alike where a value does not apply.
      const key = submissionKey([sweepId, position]);
      const outcome = await this.submission.submit(person, project, pipeline, key, entriesOfRun(parameters, entered, combination));
      if (!outcome.ok) return { ok: false, faults: [text('sweep.changedMeanwhile', { count: position })] };
      await this.sweeps.addRun(sweepId, position, outcome.runId);
    }
    return { ok: true, sweepId };
  }

  private async faultsOf(project: Project, pipeline: Pipeline, entered: Entered, plan: SweepPlan): Promise<string[]> {
    const faults = new Set<string>();
    const { parameters } = pipeline.manifest;
    const around = this.sources.of(project, pipeline);
    for (const combination of plan.combinations) {
      const check = await this.sources.check(project, pipeline, entriesOfRun(parameters, entered, combination), around);
      if (check.ok) continue;
      for (const [name, sentence] of Object.entries(check.errors)) faults.add(this.sentenceFor(name, sentence, plan, combination));
      if (faults.size >= MOST_FAULTS) break;
    }
    return [...faults].slice(0, MOST_FAULTS);
  }

  /** At a value of its own for what is said of an axis; else with all the values of that run. */
  private sentenceFor(name: string, sentence: string, { axes }: SweepPlan, combination: Combination): string {
    const shown = axes.filter(({ parameter }) => parameter === name);
    const told = (shown.length > 0 ? shown : axes).map(({ label, parameter }) => `${label} ${valueWords(combination[parameter] ?? '')}`);
    return text('sweep.faultAt', { values: told.join(', '), sentence });
  }

  private async requirePlaces({ id }: User, count: number): Promise<void> {
    const { MAX_WAITING_PER_PERSON: most } = this.config.settings;
    if (most === 0) return;
    const waiting = await this.store.waitingOf(id);
    if (waiting + count > most) throw new LimitError('sweep.tooManyWaiting', { count, most, waiting });
  }
}
