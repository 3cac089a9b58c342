import { Injectable } from '@nestjs/common';
import { PresetsRepository } from '../../common/presets/presets.repository';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import type { User } from '../../common/users/user.entity';
import type { Webhook } from '../../common/webhooks/webhook.entity';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import type { JsonSpool } from './json-spool';
import { moment } from './records';

/** Writes down what somebody has set up: presets, schedules, and webhooks without their secrets. */
@Injectable()
export class StandingRecords {
  constructor(
    private readonly presets: PresetsRepository,
    private readonly schedules: SchedulesRepository,
    private readonly webhooks: WebhooksRepository,
  ) {}

  async write(spool: JsonSpool, person: User): Promise<void> {
    await spool.document('presets.json', (await this.presets.allOf(person.id)).map(presetRecord));
    await spool.document('schedules.json', (await this.schedules.ofOwner(person.id)).map(scheduleRecord));
    await spool.document('webhooks.json', (await this.webhooks.ofOwner(person.id)).map(webhookRecord));
  }
}

function presetRecord({ pipelineId, name, entries, changedMs }: Awaited<ReturnType<PresetsRepository['allOf']>>[number]): object {
  return { pipeline: pipelineId, name, entries, changed: moment(changedMs) };
}

function scheduleRecord(schedule: Schedule): object {
  const { projectId, pipelineId, name, entries, cron, timeZone, skipsRunning, nextMs, pausedMs, createdMs } = schedule;
  const times = { next: moment(nextMs), paused: moment(pausedMs), made: moment(createdMs) };
  return { project: projectId, pipeline: pipelineId, name, cron, timeZone, skipsRunning, entries, ...times };
}

function webhookRecord({ projectId, url, states, pausedMs, createdMs }: Webhook): object {
  return { project: projectId, url, states: states.split(','), paused: moment(pausedMs), made: moment(createdMs) };
}
