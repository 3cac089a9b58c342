import { Injectable } from '@nestjs/common';
import { DomainError, InvalidFieldsError, InvalidInputError } from '../../../common/errors';
import { writtenSet } from '../../../common/pipelines/sweep/sweep-axis';
import { asEntries } from '../../../common/pipelines/parameters';
import type { ParameterValues, Pipeline } from '../../../common/pipelines/manifest';
import { inReadersWords } from '../../../common/pipelines/pipeline-words';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { text } from '../../../locales/text';
import { OpenPipelines } from '../../http/access/open-pipelines';
import { argumentsPreview } from '../../run/command-preview';
import { filesPreview } from '../../run/files-preview';
import { FormPresets } from '../../run/form-presets';
import { FollowedRuns, type FollowedRun } from '../../run/followed-runs';
import { FormSources } from '../../run/form-sources';
import { RunSubmission } from '../../run/run-submission';
import type { EnteredSweep } from '../../run/sweep-order';
import { SweepSubmission } from '../../run/sweep-submission';
import type { OrderOutcome } from '../../../common/api-orders/api-orders.repository';
import { parameterFaults } from './parameter-faults';
import type { DryRun, RunOrder } from './run-order-schemas';

/** Plans that a dry run shows of many runs. */
const MOST_PLANS = 50;
const NOTHING_WRONG: ReadonlySet<string> = new Set();

/** Asks for runs as forms do, and says beforehand what would run. */
@Injectable()
export class RunOrders {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly sources: FormSources,
    private readonly submission: RunSubmission,
    private readonly sweeps: SweepSubmission,
    private readonly followed: FollowedRuns,
    private readonly presets: FormPresets,
  ) {}

  /**
   * @param submission UUID under which it is carried out once.
   * @throws InvalidFieldsError for parameters, and as `RunSubmission.submit`.
   */
  async place(person: User, project: Project, asked: RunOrder, submission: string): Promise<OrderOutcome> {
    const pipeline = await this.pipelines.require(person, asked.pipeline);
    const order = await this.filled(person, pipeline, asked);
    const after = await this.after(project, order);
    if (!order.sweep) {
      const values = await this.checked(person, project, pipeline, order, after);
      const { runId } = await this.submission.ask(person, project, pipeline, submission, values, { after });
      return { runId };
    }
    const sweep = enteredSweep(order.sweep);
    const outcome = await this.sweeps.submit(person, project, pipeline, { submission, entered: entriesFor(pipeline, order), sweep });
    if (!outcome.ok) throw sweepFaults(outcome.faults);
    return { sweepId: outcome.sweepId };
  }

  /** @throws as `place`, except for what only a queue can refuse. */
  async dryRun(person: User, project: Project, asked: RunOrder): Promise<DryRun> {
    const pipeline = await this.pipelines.require(person, asked.pipeline);
    await this.pipelines.requireOn(person, asked.pipeline);
    const order = await this.filled(person, pipeline, asked);
    const after = await this.after(project, order);
    const all = order.sweep
      ? await this.checkedSweep(person, project, pipeline, order, enteredSweep(order.sweep))
      : [await this.checked(person, project, pipeline, order, after)];
    const { id, version, title } = inReadersWords(pipeline).manifest;
    const runs: DryRun['runs'] = [];
    for (const values of all.slice(0, MOST_PLANS)) runs.push(await planOf(pipeline, values));
    return { dryRun: true, pipeline: { id, title, version }, runs, runCount: all.length };
  }

  /** With the values of its preset, where it names one and has none of its own. */
  private async filled(person: User, { manifest }: Pipeline, order: RunOrder): Promise<RunOrder> {
    if (order.preset === undefined) return order;
    const found = await this.presets.entriesOf(person, manifest, order.preset);
    if (!found) throw new InvalidFieldsError('api.wrongFields', [{ field: 'preset', message: text('apiWork.noSuchPreset') }]);
    return { ...order, parameters: { ...found.entered, ...order.parameters } };
  }

  /** One run follows another one, and no sweep does. */
  private async after(project: Project, { afterRun, sweep }: RunOrder): Promise<FollowedRun | null> {
    const wrong = (message: string) => new InvalidFieldsError('api.wrongFields', [{ field: 'afterRun', message }]);
    if (afterRun !== undefined && sweep) throw wrong(text('chains.noSweep'));
    try {
      return await this.followed.of(project, afterRun);
    } catch (error) {
      throw error instanceof InvalidInputError ? wrong(error.message) : error;
    }
  }

  private async checked(
    person: User,
    project: Project,
    pipeline: Pipeline,
    { parameters }: RunOrder,
    after: FollowedRun | null,
  ): Promise<ParameterValues> {
    const check = await this.sources.check(person, project, pipeline, parameters, undefined, after);
    if (!check.ok) throw parameterFaults(check);
    return check.values;
  }

  private async checkedSweep(
    person: User,
    project: Project,
    pipeline: Pipeline,
    order: RunOrder,
    sweep: EnteredSweep,
  ): Promise<ParameterValues[]> {
    const planned = await this.sweeps.plan(person, project, pipeline, { entered: entriesFor(pipeline, order), sweep });
    if ('faults' in planned) throw sweepFaults(planned.faults);
    return planned.runs.map(({ values }) => values);
  }
}

/** What a form would hold; names that the pipeline does not have stay, so that they are named as faults. */
function entriesFor({ manifest }: Pipeline, { parameters }: RunOrder) {
  const unknown = Object.keys(parameters).filter((name) => manifest.parameters.every((parameter) => parameter.name !== name));
  return { ...Object.fromEntries(unknown.map((name) => [name, ''])), ...asEntries(manifest.parameters, parameters) };
}

function sweepFaults(faults: readonly string[]): DomainError {
  return new InvalidFieldsError(
    'api.wrongFields',
    faults.map((message) => ({ field: 'sweep', message })),
  );
}

/** Line by line, because a value may hold a comma. */
function enteredSweep({ mode, axes }: NonNullable<RunOrder['sweep']>): EnteredSweep {
  return {
    mode,
    axes: axes.map(({ parameter, values }) => ({ parameter, values: values.map((value) => `${writtenSet(String(value))}\n`).join('') })),
  };
}

async function planOf({ manifest }: Pipeline, values: ParameterValues): Promise<DryRun['runs'][number]> {
  const { files, staged } = filesPreview(manifest, values, NOTHING_WRONG);
  return {
    parameters: values,
    command: await argumentsPreview(manifest, values),
    files: files.map(({ path, content, isCut }) => ({ path, content, isCut })),
    inputs: staged,
  };
}
