import { Injectable } from '@nestjs/common';
import { InvalidFieldsError, UnclearError } from '../../../common/errors';
import type { Pipeline } from '../../../common/pipelines/manifest';
import { asEntries, type Entered } from '../../../common/pipelines/parameters';
import type { Project } from '../../../common/projects/project.entity';
import type { Schedule } from '../../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../../common/schedules/schedules.repository';
import type { User } from '../../../common/users/user.entity';
import { OpenPipelines } from '../../http/access/open-pipelines';
import type { PartOfDeed } from '../../http/audit/deeds';
import { FormSources } from '../../run/form-sources';
import { OwnSchedules } from '../../schedules/own-schedules';
import { cronTimes } from '../../schedules/plain-times';
import { ownTimeZone, type EnteredSchedule } from '../../schedules/schedule-form';
import { ScheduleMaking, type Made } from '../../schedules/schedule-making';
import { parameterFaults } from '../runs/parameter-faults';
import type { ScheduleChangeOrder, ScheduleOrder } from './schedule-schemas';

/** Makes and changes schedules as the forms do: the values are looked over first, then the times. */
@Injectable()
export class ScheduleOrders {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly sources: FormSources,
    private readonly making: ScheduleMaking,
    private readonly own: OwnSchedules,
    private readonly schedules: SchedulesRepository,
  ) {}

  /** @returns its id. @throws InvalidFieldsError for the values and the times, LimitError. */
  async make(person: User, project: Project, order: ScheduleOrder): Promise<string> {
    const pipeline = await this.pipelines.require(person, order.pipeline);
    const values = await this.checked(person, project, pipeline, order.parameters);
    const { name = pipeline.manifest.title.slice(0, 100), cron, timeZone = ownTimeZone(), skipsRunning } = order;
    return idOf(await this.making.make(person, project, pipeline, values, { name, timeZone, skipsRunning, ...cronTimes(cron) }));
  }

  /**
   * What a change does, part by part. Nothing has been done yet.
   * @throws NotFoundError; ForbiddenError for schedules of others; UnclearError where it names nothing.
   */
  async partsOf(person: User, project: Project, id: string, order: ScheduleChangeOrder): Promise<PartOfDeed[]> {
    const { isPaused, parameters, ...told } = order;
    const isOther = parameters !== undefined || Object.values(told).some((value) => value !== undefined);
    const schedule = await this.own.find(person, project, id, isOther ? 'scheduleAuthor' : 'scheduleKeeper');
    const details = { schedule: schedule.name };
    const parts: PartOfDeed[] = [];
    if (isOther) parts.push({ action: 'schedule.change', details, work: () => this.change(person, project, schedule, order) });
    if (isPaused === true) parts.push({ action: 'schedule.pause', details, work: () => this.schedules.pause(schedule.id) });
    if (isPaused === false)
      // With the times as they were changed just now.
      parts.push({ action: 'schedule.resume', details, work: async () => this.making.resume(await this.own.require(project, id)) });
    if (parts.length === 0) throw new UnclearError('api.nothingToChange');
    return parts;
  }

  private async change(person: User, project: Project, schedule: Schedule, order: ScheduleChangeOrder): Promise<void> {
    const pipeline = await this.pipelines.require(person, schedule.pipelineId);
    const { parameters, name, cron, timeZone, skipsRunning } = order;
    const values =
      parameters === undefined
        ? asEntries(pipeline.manifest.parameters, schedule.entries)
        : await this.checked(person, project, pipeline, parameters);
    const entered: EnteredSchedule = {
      name: name ?? schedule.name,
      timeZone: timeZone ?? schedule.timeZone,
      skipsRunning: skipsRunning ?? schedule.skipsRunning,
      ...cronTimes(cron ?? schedule.cron),
    };
    idOf(await this.making.change(schedule, values, entered));
  }

  /** @returns what the fields of the form would hold. */
  private async checked(person: User, project: Project, pipeline: Pipeline, parameters: Record<string, unknown>): Promise<Entered> {
    const check = await this.sources.check(person, project, pipeline, parameters);
    if (!check.ok) throw parameterFaults(check);
    return asEntries(pipeline.manifest.parameters, parameters);
  }
}

function idOf(made: Made): string {
  if ('id' in made) return made.id;
  const faults = Object.entries(made.errors).map(([field, message]) => ({ field, message: message ?? '' }));
  throw new InvalidFieldsError('api.wrongFields', faults);
}
