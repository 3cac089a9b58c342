import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { LimitError } from '../../common/errors';
import type { ParameterValues, Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Combination } from '../../common/pipelines/sweep/combinations';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { FormSources } from './form-sources';
import type { FormSurroundings } from './form-surroundings';
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
    const files = await this.files.of(project);
    const planned = planSweep(pipeline.manifest, sweep, files.choices, this.config.settings.SWEEP_RUNS);
    if ('faults' in planned) return { ok: false, faults: planned.faults };
    const { plan } = planned;
    const checked = await this.check(project, pipeline, entered, plan, this.sources.of(project, pipeline, files));
    if ('faults' in checked) return { ok: false, faults: checked.faults };
    const sweepId = submissionKey([submission, person.id, project.id, pipeline.manifest.id, plan.axes, plan.mode, entered]);
    if (!(await this.sweeps.find(sweepId))) await this.requirePlaces(person, plan.combinations.length);
    const { id: pipelineId, title: pipelineTitle } = pipeline.manifest;
    const row = { id: sweepId, projectId: project.id, ownerId: person.id, pipelineId, pipelineTitle, axes: plan.axes, mode: plan.mode };
    await this.sweeps.add({ ...row, runCount: plan.combinations.length });
    for (const [position, values] of checked.values.entries()) {
      // Each has a key of its own: two runs of one sweep may come out alike where a value does not apply.
      const { runId } = await this.submission.ask(person, project, pipeline, submissionKey([sweepId, position]), values);
      await this.sweeps.addRun(sweepId, position, runId);
    }
    return { ok: true, sweepId };
  }

  /** The values of every run, or what is wrong with some of them. */
  private async check(
    project: Project,
    pipeline: Pipeline,
    entered: Entered,
    plan: SweepPlan,
    around: FormSurroundings,
  ): Promise<{ values: ParameterValues[] } | { faults: string[] }> {
    const values: ParameterValues[] = [];
    const faults = new Set<string>();
    for (const combination of plan.combinations) {
      const entries = entriesOfRun(pipeline.manifest.parameters, entered, combination);
      const check = await this.sources.check(project, pipeline, entries, around);
      values.push(check.values);
      if (check.ok) continue;
      for (const [name, sentence] of Object.entries(check.errors)) faults.add(sentenceFor(name, sentence, plan, combination));
      if (faults.size >= MOST_FAULTS) break;
    }
    return faults.size > 0 ? { faults: [...faults].slice(0, MOST_FAULTS) } : { values };
  }

  private async requirePlaces({ id }: User, count: number): Promise<void> {
    const { MAX_WAITING_PER_PERSON: most } = this.config.settings;
    if (most === 0) return;
    const waiting = await this.store.waitingOf(id);
    if (waiting + count > most) throw new LimitError('sweep.tooManyWaiting', { count, most, waiting });
  }
}

/** At a value of its own for what is said of an axis; else with all the values of that run. */
function sentenceFor(name: string, sentence: string, { axes }: SweepPlan, combination: Combination): string {
  const shown = axes.filter(({ parameter }) => parameter === name);
  const told = (shown.length > 0 ? shown : axes).map(({ label, parameter }) => `${label} ${valueWords(combination[parameter] ?? '')}`);
  return text('sweep.faultAt', { values: told.join(', '), sentence });
}
