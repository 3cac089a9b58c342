import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LimitError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import { nextTime } from '../../common/schedules/cron';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import type { User } from '../../common/users/user.entity';
import type { FormErrors } from '../http/form';
import { FormSources } from '../run/form-sources';
import { checkSchedule, requireRoomFor, type EnteredSchedule } from './schedule-form';

const MOST_PER_PERSON = 100;

export type Made = { id: string; name: string } | { errors: FormErrors };

/** Makes, changes and steers schedules. */
@Injectable()
export class ScheduleMaking {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly store: QueueStore,
    private readonly sources: FormSources,
  ) {}

  /** What is wrong with the values of a form, by the name of the parameter; null where nothing is. */
  async faultsIn(person: User, project: Project, pipeline: Pipeline, values: Entered): Promise<Record<string, string> | null> {
    const check = await this.sources.check(person, project, pipeline, values);
    return check.ok ? null : check.errors;
  }

  /** @throws LimitError where there are too many, or too much is in it. */
  async make(person: User, project: Project, { manifest }: Pipeline, values: Entered, entered: EnteredSchedule): Promise<Made> {
    const nowMs = await this.store.nowMs();
    const { checked, errors } = checkSchedule(entered, nowMs);
    if (Object.keys(errors).length > 0) return { errors };
    requireRoomFor(values);
    if ((await this.schedules.countOfOwner(person.id)) >= MOST_PER_PERSON)
      throw new LimitError('schedules.tooMany', { most: MOST_PER_PERSON });
    const id = randomUUID();
    await this.schedules.add({
      ...checked,
      id,
      projectId: project.id,
      ownerId: person.id,
      pipelineId: manifest.id,
      pipelineTitle: manifest.title,
      entries: values,
      nextMs: nextTime(checked.cron, checked.timeZone, nowMs),
    });
    return { id, name: checked.name };
  }

  /** What is paused stays paused. @throws as `make`. */
  async change(schedule: Schedule, values: Entered, entered: EnteredSchedule): Promise<Made> {
    const nowMs = await this.store.nowMs();
    const { checked, errors } = checkSchedule(entered, nowMs);
    if (Object.keys(errors).length > 0) return { errors };
    requireRoomFor(values);
    const nextMs = schedule.pausedMs === null ? nextTime(checked.cron, checked.timeZone, nowMs) : null;
    await this.schedules.change(schedule.id, { ...checked, entries: values, nextMs });
    return { id: schedule.id, name: checked.name };
  }

  /** @returns false where it was not paused. */
  async resume({ id, cron, timeZone }: Schedule): Promise<boolean> {
    return this.schedules.resume(id, nextTime(cron, timeZone, await this.store.nowMs()));
  }

  /** Undoes the deletion; it starts at its next time, unless it was paused. */
  async restore({ id, cron, timeZone, pausedMs }: Schedule): Promise<void> {
    await this.schedules.restore(id, pausedMs === null ? nextTime(cron, timeZone, await this.store.nowMs()) : null);
  }
}
