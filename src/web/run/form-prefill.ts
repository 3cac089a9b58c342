import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import type { Manifest } from '../../common/pipelines/manifest';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { fieldText } from '../http/form';
import { isUuid } from '../http/ids';
import { EarlierRuns } from './earlier-runs';
import { entriesInLink } from './form-link';
import { FollowedRuns, type FollowedRun } from './followed-runs';
import { FormPresets } from './form-presets';
import type { FormState } from './run-form.view';
import { readSweep } from './sweep-order';
import { SweepSubmission } from './sweep-submission';

type Filled = Omit<FormState, 'submission' | 'tables'>;

/**
 * What a form is filled with when it is opened: `from=12` says as run 12 was, `preset=…` with kept values, `p.sigma=2` with single ones,
 * `sweep=…` with the several values of earlier runs, `sweep.1.…` with several values; `schedule=…` says whose values are changed, `after=12`
 * that run 12 has to succeed first. Only what comes from a run is judged at once: it was complete.
 */
@Injectable()
export class FormPrefill {
  constructor(
    private readonly earlier: EarlierRuns,
    private readonly presets: FormPresets,
    private readonly sweeps: SweepSubmission,
    private readonly followed: FollowedRuns,
  ) {}

  async of(person: User, project: Project, manifest: Manifest, query: Record<string, unknown>): Promise<Filled> {
    const schedule = scheduleIn(query);
    const before = await this.before(project, query);
    const sweep = readSweep(query) ?? (await this.sweeps.enteredFor(project, manifest, query['sweep']));
    const single = entriesInLink(query, manifest);
    const earlier = await this.earlier.entriesOf(person, manifest, query['from']);
    if (earlier)
      return { entered: { ...earlier.entered, ...single }, earlierRun: earlier.runId, showErrors: true, sweep, schedule, ...before };
    const preset = await this.presets.entriesOf(person, manifest, query['preset']);
    const given = { ...preset?.entered, ...single };
    return { entered: null, given, preset: preset?.id ?? null, showErrors: false, sweep, schedule, ...before };
  }

  /** What was asked for and cannot be followed any more leaves the form as it is, with a sentence that says so. */
  private async before(project: Project, query: Record<string, unknown>): Promise<Pick<FormState, 'after' | 'formErrors'>> {
    try {
      return { after: (await this.after(project, query)) ?? (await this.followed.sameAs(project, query['from'])) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { after: null, formErrors: [error.message] };
    }
  }

  /** The run that is to succeed first. @throws InvalidInputError for one that cannot be followed. */
  after(project: Project, form: unknown): Promise<FollowedRun | null> {
    return this.followed.of(project, fieldText(form, 'after'));
  }

  /** As `after`, but null for one that cannot be followed. */
  afterIfAny(project: Project, form: unknown): Promise<FollowedRun | null> {
    return this.followed.ifAny(project, fieldText(form, 'after'));
  }
}

/** Id of a schedule; '' for none. */
export function scheduleIn(form: unknown): string {
  const id = fieldText(form, 'schedule');
  return isUuid(id) ? id : '';
}
