import { Injectable } from '@nestjs/common';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { QueueStore } from '../../common/queue/queue-store';
import { weekdayName } from '../../common/schedules/cron-words';
import { text, type TextKey } from '../../locales/text';
import type { FormErrors } from '../http/form';
import { summariseParameters } from '../queue/parameter-summary';
import { HOUR_STEPS, OFTEN, type Often } from './plain-times';
import { timesOf, timeZones, whyNoTimes, type EnteredSchedule, type ScheduleTimes } from './schedule-form';

/** What `views/schedules/form.hbs` shows. */
export interface ScheduleFormView extends EnteredSchedule {
  title: string;
  project: { id: string; name: string };
  pipeline: { id: string; title: string };
  /** Where it goes, below the base path. */
  action: string;
  /** Of the schedule that is changed; '' for a new one. */
  schedule: string;
  /** What the form of the pipeline held, as JSON. */
  entries: string;
  /** The same for people, a line each. */
  values: string[];
  times: ScheduleTimes | null;
  /** What is missing to the expression; '' where that stands beside its field, or nothing is. */
  notYet: string;
  zones: string[];
  /** What there is to choose from in the fields that say when. */
  choices: Record<'often' | 'weekday' | 'hours', Choice[]>;
  errors: FormErrors;
}

interface Choice {
  value: string;
  label: string;
  selected: boolean;
}

const WHEN_FIELDS = ['at', 'weekday', 'day', 'hours', 'cron', 'timeZone'] as const;
const OFTEN_WORDS: Record<Often, TextKey> = {
  day: 'schedules.oftenDay',
  workdays: 'schedules.oftenWorkdays',
  week: 'schedules.oftenWeek',
  month: 'schedules.oftenMonth',
  hours: 'schedules.oftenHours',
  cron: 'schedules.oftenCron',
};
/** From Monday. */
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0];

/** What the form is drawn with. */
export interface ScheduleFormState {
  schedule: string;
  entered: EnteredSchedule;
  values: Entered;
  errors: FormErrors;
}

/** Draws the form in which somebody says when a filled-in form starts. */
@Injectable()
export class ScheduleFormViews {
  constructor(private readonly store: QueueStore) {}

  async of({ id, name }: Project, original: Pipeline, state: ScheduleFormState): Promise<ScheduleFormView> {
    const { manifest } = inReadersWords(original);
    const { schedule, entered, values, errors } = state;
    const { all } = summariseParameters({ parameters: values, manifest: { ...manifest } });
    const nowMs = await this.store.nowMs();
    return {
      ...entered,
      title: text(schedule === '' ? 'schedules.newTitle' : 'schedules.changeTitle'),
      project: { id, name },
      pipeline: { id: manifest.id, title: manifest.title },
      action: schedule === '' ? `/projects/${id}/schedules` : `/projects/${id}/schedules/${schedule}`,
      schedule,
      entries: JSON.stringify(values),
      values: all === '' ? [] : all.split('\n'),
      times: timesOf(entered, nowMs),
      notYet: WHEN_FIELDS.some((field) => errors[field]) ? '' : whyNoTimes(entered, nowMs),
      zones: timeZones(),
      choices: choicesFor(entered),
      errors,
    };
  }
}

function choicesFor({ often, weekday, hours }: EnteredSchedule): ScheduleFormView['choices'] {
  return {
    often: OFTEN.map((value) => ({ value, label: text(OFTEN_WORDS[value]), selected: value === often })),
    weekday: WEEKDAYS.map((value) => ({ value: String(value), label: weekdayName(value), selected: String(value) === weekday })),
    hours: HOUR_STEPS.map((value) => ({ value: String(value), label: String(value), selected: String(value) === hours })),
  };
}
