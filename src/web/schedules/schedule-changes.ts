import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import { asEntries } from '../../common/pipelines/parameters';
import type { Schedule } from '../../common/schedules/schedule.entity';
import type { User } from '../../common/users/user.entity';
import { OpenPipelines } from '../http/access/open-pipelines';
import { redirect } from '../http/addresses';
import { tellAudit } from '../http/audit/deeds';
import { flash } from '../http/flash';
import { asFormErrors, fieldText } from '../http/form';
import { enteredOf, readCarried, readSchedule } from './schedule-form';
import { ScheduleFormViews } from './schedule-form.view';
import { ScheduleMaking, type Made } from './schedule-making';

/** Who saves what: a new schedule, or one that is there. */
interface Saving {
  person: User;
  project: Project;
  schedule: Schedule | null;
}

/** The form of a schedule: shown, looked over by its buttons, and saved. */
@Injectable()
export class ScheduleChanges {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly making: ScheduleMaking,
    private readonly views: ScheduleFormViews,
  ) {}

  /** The form with what the schedule holds. */
  async ask(person: User, project: Project, schedule: Schedule, response: Response): Promise<void> {
    const pipeline = await this.pipelines.require(person, schedule.pipelineId);
    const values = asEntries(pipeline.manifest.parameters, schedule.entries);
    const state = { schedule: schedule.id, entered: enteredOf(schedule), values, errors: {} };
    response.render('schedules/form', await this.views.of(project, pipeline, state));
  }

  /** "Show me when that is" comes back with the form; everything else saves. */
  async save({ person, project, schedule }: Saving, form: unknown, request: Request, response: Response): Promise<void> {
    const pipeline = await this.pipelines.require(person, schedule?.pipelineId ?? fieldText(form, 'pipeline'));
    const values = readCarried(pipeline.manifest, fieldText(form, 'entries'));
    const entered = readSchedule(form);
    const isQuestion = fieldText(form, 'look') !== '';
    const work = () =>
      schedule ? this.making.change(schedule, values, entered) : this.making.make(person, project, pipeline, values, entered);
    const made = isQuestion ? { errors: {} } : await orErrors(work);
    if ('errors' in made) {
      if (isQuestion) tellAudit(request, { isNothing: true });
      const state = { schedule: schedule?.id ?? '', entered, values, errors: made.errors };
      const view = await this.views.of(project, pipeline, state);
      response.status(isQuestion ? 200 : 422).render('schedules/form', view);
      return;
    }
    tellAudit(request, { details: { schedule: made.name } });
    flash(request, 'ok', schedule ? 'schedules.flashChanged' : 'schedules.flashMade', { name: made.name });
    redirect(response, `/projects/${project.id}/schedules/${made.id}`);
  }
}

async function orErrors(work: () => Promise<Made>): Promise<Made> {
  try {
    return await work();
  } catch (error) {
    return { errors: asFormErrors(error) };
  }
}
