import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../common/audit/audit-trail';
import { QueueStore } from '../../common/queue/queue-store';
import type { Reason, Schedule } from '../../common/schedules/schedule.entity';
import { ScheduleTicksRepository, type TickClaim } from '../../common/schedules/schedule-ticks.repository';
import { formatList } from '../../locales/formats';
import { inDefaultLanguage } from '../../locales/language';
import { submissionKey } from '../admission/submission-key';
import { FormSources } from '../run/form-sources';
import { RunSubmission } from '../run/run-submission';
import { reasonOf, ScheduleAskers, type ScheduleAsker } from './schedule-askers';

export type StartOutcome = { runId: number } | { reason: Reason };

/** Starts the run of one time of a schedule, or finds out why not. However often and by whomever it is tried, one run comes of one time. */
@Injectable()
export class ScheduledStarts {
  constructor(
    private readonly askers: ScheduleAskers,
    private readonly sources: FormSources,
    private readonly submission: RunSubmission,
    private readonly store: QueueStore,
    private readonly ticks: ScheduleTicksRepository,
    private readonly trail: AuditTrail,
  ) {}

  async start(schedule: Schedule, { tickMs }: TickClaim): Promise<StartOutcome> {
    const key = ['schedule', schedule.id, tickMs];
    // Whoever had this time before may have come as far as that.
    const known = await this.store.findSubmission(submissionKey(key));
    if (known !== null) return { runId: known };
    // Only of a time that was left lying: what is paused has no next one.
    if (schedule.pausedMs !== null || schedule.deletedMs !== null) return { reason: { key: 'schedules.whyPaused', values: {} } };
    const found = await this.askers.of(schedule);
    if ('reason' in found) return found;
    const live = schedule.skipsRunning ? await this.ticks.liveRun(schedule.id) : null;
    if (live !== null) return { reason: { key: 'schedules.whyRunning', values: { number: live } } };
    try {
      return await this.ask(schedule, found.asker, key);
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  private async ask(schedule: Schedule, asker: ScheduleAsker, key: (string | number)[]): Promise<StartOutcome> {
    const { person, project, pipeline } = asker;
    const check = await this.sources.check(person, project, pipeline, schedule.entries);
    if (!check.ok) return { reason: { key: 'schedules.whyValues', values: { faults: faultsIn(asker, check.errors) } } };
    const { runId } = await this.submission.ask(person, project, pipeline, { of: key }, check.values);
    this.trail.note({
      actor: person,
      action: 'schedule.start',
      object: { kind: 'run', id: runId, name: pipeline.manifest.title },
      details: { schedule: schedule.name, project: project.name },
    });
    return { runId };
  }
}

const MOST_FAULTS = 5;

/** The fields by name, each with what is wrong with it. */
function faultsIn({ pipeline }: ScheduleAsker, errors: Readonly<Record<string, string>>): string {
  const { parameters } = pipeline.manifest;
  const labels = new Map(parameters.map(({ name, label }) => [name, label || name]));
  const told = Object.entries(errors).map(([name, sentence]) => `${labels.get(name) ?? name}: ${sentence}`);
  return inDefaultLanguage(() => formatList(told.slice(0, MOST_FAULTS)));
}
