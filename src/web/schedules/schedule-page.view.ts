import { Injectable } from '@nestjs/common';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import type { Schedule } from '../../common/schedules/schedule.entity';
import { ScheduleTicksRepository } from '../../common/schedules/schedule-ticks.repository';
import type { User } from '../../common/users/user.entity';
import { OpenPipelines } from '../http/access/open-pipelines';
import { Permissions } from '../http/access/permissions';
import { summariseParameters } from '../queue/parameter-summary';
import { reasonInWords } from './reason-words';
import { ScheduleAskers } from './schedule-askers';
import { enteredOf, timesOf, type ScheduleTimes } from './schedule-form';
import { tickLine, type ScheduleLine, type TickLine } from './schedule-line';
import { ScheduleListViews } from './schedule-list.view';

/** What `views/schedules/schedule.hbs` shows. */
export interface SchedulePageView {
  title: string;
  project: { id: string; name: string };
  schedule: ScheduleLine & { cron: string; skipsRunning: boolean; pipelineId: string; pausedMs: number | null };
  times: ScheduleTimes | null;
  /** What the form of the pipeline holds, a line each. */
  values: string[];
  /** Whether it says nothing of some settings, which are as the form has them. */
  leavesOthers: boolean;
  /** Why it would not start now; '' where nothing is in the way. */
  hindrance: string;
  /** The latest first. */
  history: TickLine[];
  mayChange: boolean;
  maySteer: boolean;
}

const SHOWN = 50;

/** The page of one schedule. */
@Injectable()
export class SchedulePageViews {
  constructor(
    private readonly lists: ScheduleListViews,
    private readonly ticks: ScheduleTicksRepository,
    private readonly askers: ScheduleAskers,
    private readonly pipelines: OpenPipelines,
    private readonly permissions: Permissions,
    private readonly store: QueueStore,
  ) {}

  async of(person: User, project: Project, schedule: Schedule): Promise<SchedulePageView> {
    const { id, cron, timeZone, skipsRunning, pipelineId, pausedMs } = schedule;
    const [line] = await this.lists.lines(person, [schedule]);
    const [history, found, asker] = await Promise.all([
      this.ticks.history(id, SHOWN),
      this.pipelines.find(person, pipelineId),
      this.askers.of(schedule),
    ]);
    const manifest = found ? { ...inReadersWords(found.pipeline).manifest } : {};
    const { all } = summariseParameters({ parameters: schedule.entries, manifest });
    const may = (rule: 'scheduleAuthor' | 'scheduleKeeper') => this.permissions.allows(rule, { person, project, schedule });
    return {
      title: schedule.name,
      project: { id: project.id, name: project.name },
      schedule: { ...line, cron, skipsRunning, pipelineId, pausedMs },
      times: timesOf(enteredOf(schedule), await this.store.nowMs()),
      values: all === '' ? [] : all.split('\n'),
      leavesOthers: (found?.pipeline.manifest.parameters ?? []).some(
        ({ name, type }) => type !== 'constant' && !Object.hasOwn(schedule.entries, name),
      ),
      hindrance: 'reason' in asker ? reasonInWords(asker.reason) : '',
      history: history.map((tick) => tickLine(tick, timeZone)),
      mayChange: found !== undefined && (await may('scheduleAuthor')),
      maySteer: await may('scheduleKeeper'),
    };
  }
}
