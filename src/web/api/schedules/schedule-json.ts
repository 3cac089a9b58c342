import { Injectable } from '@nestjs/common';
import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';
import type { Project } from '../../../common/projects/project.entity';
import { QueueStore } from '../../../common/queue/queue-store';
import { ScheduleTicksRepository } from '../../../common/schedules/schedule-ticks.repository';
import type { Schedule, ScheduleTick } from '../../../common/schedules/schedule.entity';
import { SchedulesRepository } from '../../../common/schedules/schedules.repository';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { reasonInWords } from '../../schedules/reason-words';
import { ScheduleAskers } from '../../schedules/schedule-askers';
import { comingTimes } from '../../schedules/schedule-form';
import { sentenceOf, tickLine } from '../../schedules/schedule-line';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';
import type { ScheduleJson, WholeScheduleJson } from './schedule-schemas';

const SHOWN = 50;

/** Writes schedules down for programs. */
@Injectable()
export class ScheduleJsons {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly ticks: ScheduleTicksRepository,
    private readonly users: UsersRepository,
    private readonly askers: ScheduleAskers,
    private readonly store: QueueStore,
  ) {}

  /** The next first; paused ones last. */
  async ofProject(person: User, { id }: Project): Promise<ScheduleJson[]> {
    return this.all(person, await this.schedules.ofProject(id));
  }

  async whole(person: User, schedule: Schedule): Promise<WholeScheduleJson> {
    const [[json], history, asker, nowMs] = await Promise.all([
      this.all(person, [schedule]),
      this.ticks.history(schedule.id, SHOWN),
      this.askers.of(schedule),
      this.store.nowMs(),
    ]);
    const { cron, timeZone, pausedMs } = schedule;
    return {
      ...json,
      parameters: schedule.entries,
      nextTimes: (pausedMs === null ? (comingTimes(cron, timeZone, nowMs) ?? []) : []).map(isoTime),
      hindrance: 'reason' in asker ? reasonInWords(asker.reason) : '',
      history: history.map((tick) => tickJson(tick, timeZone)),
    };
  }

  private async all(person: User, schedules: readonly Schedule[]): Promise<ScheduleJson[]> {
    const [last, owners] = await Promise.all([
      this.ticks.latestOf(schedules.map(({ id }) => id)),
      this.users.findByIds([...new Set(schedules.map(({ ownerId }) => ownerId))]),
    ]);
    const names = new Map(owners.map(({ id, displayName }) => [id, displayName]));
    return schedules.map((schedule) => {
      const tick = last.get(schedule.id);
      const { id, name, pipelineId, ownerId, cron, timeZone, skipsRunning, createdMs, pausedMs, nextMs } = schedule;
      return {
        id,
        name,
        pipeline: { id: pipelineId, title: titleInReadersWords(schedule) },
        owner: names.get(ownerId) ?? '',
        isMine: ownerId === person.id,
        cron,
        timeZone,
        sentence: sentenceOf(schedule),
        skipsRunning,
        createdAt: isoTime(createdMs),
        pausedAt: isoTimeOrNull(pausedMs),
        nextAt: isoTimeOrNull(nextMs),
        last: tick ? tickJson(tick, timeZone) : null,
      };
    });
  }
}

function tickJson(tick: ScheduleTick, timeZone: string): WholeScheduleJson['history'][number] {
  const { outcome, runId, sentence } = tickLine(tick, timeZone);
  return { at: isoTime(tick.tickMs), outcome, run: runId, sentence };
}
