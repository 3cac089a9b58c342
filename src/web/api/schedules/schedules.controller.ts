import { Controller, Delete, Get, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import { SchedulesRepository } from '../../../common/schedules/schedules.repository';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { basePathOf } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { doParts, tellAudit } from '../../http/audit/deeds';
import { OwnSchedules } from '../../schedules/own-schedules';
import { ScheduleMaking } from '../../schedules/schedule-making';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { ScheduleJsons } from './schedule-json';
import { ScheduleOrders } from './schedule-orders';
import {
  scheduleChangeSchema,
  scheduleOrderSchema,
  schedulesSchema,
  wholeScheduleSchema,
  type ScheduleChangeOrder,
  type ScheduleOrder,
  type WholeScheduleJson,
} from './schedule-schemas';

/** The schedules of a project, for programs. */
@Controller(`${API_ROOT}/projects/:project/schedules`)
export class ApiSchedulesController {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly making: ScheduleMaking,
    private readonly own: OwnSchedules,
    private readonly orders: ScheduleOrders,
    private readonly jsons: ScheduleJsons,
  ) {}

  @Get()
  @Api({ area: 'runs', summary: 'apiWork.listSchedules', scope: 'read', answer: schedulesSchema })
  @Access('projectReader')
  async list(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<z.infer<typeof schedulesSchema>> {
    return { items: await this.jsons.ofProject(person, project), next: null };
  }

  @Post()
  @Api({
    area: 'runs',
    summary: 'apiWork.makeSchedule',
    scope: 'run',
    body: scheduleOrderSchema,
    answer: wholeScheduleSchema,
    status: 201,
    answerHeaders: { Location: 'apiWork.scheduleLocation' },
    example: {
      body: {
        pipeline: 'nuclei',
        parameters: { image: 'project:cells.png' },
        name: 'Nightly',
        cron: '0 2 * * *',
        timeZone: 'Europe/Vienna',
      },
    },
  })
  @Audited('schedule.make')
  @Access('projectScheduler')
  async make(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() order: ScheduleOrder,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<WholeScheduleJson> {
    const schedule = await this.own.require(project, await this.orders.make(person, project, order));
    tellAudit(request, { details: { schedule: schedule.name } });
    response.location(`${basePathOf(response)}/${API_ROOT}/projects/${project.id}/schedules/${schedule.id}`);
    return this.jsons.whole(person, schedule);
  }

  @Get(':schedule')
  @Api({ area: 'runs', summary: 'apiWork.readSchedule', scope: 'read', answer: wholeScheduleSchema })
  @Access('projectReader')
  async read(@CurrentPerson() person: User, @CurrentProject() project: Project, @Param('schedule') id: string): Promise<WholeScheduleJson> {
    return this.jsons.whole(person, await this.own.require(project, id));
  }

  @Patch(':schedule')
  @Api({
    area: 'runs',
    summary: 'apiWork.changeSchedule',
    scope: 'run',
    body: scheduleChangeSchema,
    answer: wholeScheduleSchema,
    example: { body: { isPaused: true } },
  })
  @Audited('schedule.change')
  @Access('projectScheduler')
  async change(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @ApiBody() order: ScheduleChangeOrder,
    @Req() request: Request,
  ): Promise<WholeScheduleJson> {
    const parts = await this.orders.partsOf(person, project, id, order);
    tellAudit(request, { parts });
    await doParts(parts);
    return this.jsons.whole(person, await this.own.require(project, id));
  }

  @Delete(':schedule')
  @Api({ area: 'runs', summary: 'apiWork.deleteSchedule', scope: 'run', answer: null })
  @Audited('schedule.delete')
  @Access('projectScheduler')
  async delete(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
  ): Promise<void> {
    const { name } = await this.own.find(person, project, id, 'scheduleKeeper');
    tellAudit(request, { details: { schedule: name } });
    await this.schedules.delete(project.id, id);
  }

  /** Undoes `delete`, for a while. */
  @Post(':schedule/restore')
  @Api({ area: 'runs', summary: 'apiWork.restoreSchedule', scope: 'run', answer: wholeScheduleSchema })
  @Audited('schedule.restore')
  @Access('projectScheduler')
  async restore(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
  ): Promise<WholeScheduleJson> {
    const schedule = await this.own.findDeleted(person, project, id);
    if (!schedule) throw new NotFoundError('schedules.flashTooLate');
    tellAudit(request, { details: { schedule: schedule.name } });
    await this.making.restore(schedule);
    return this.jsons.whole(person, await this.own.require(project, id));
  }
}
