import { Body, Controller, Get, Param, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import { SchedulesRepository } from '../../common/schedules/schedules.repository';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { flash } from '../http/flash';
import { OwnSchedules } from './own-schedules';
import { ScheduleChanges } from './schedule-changes';
import { ScheduleListViews, type ScheduleListView } from './schedule-list.view';
import { ScheduleMaking } from './schedule-making';
import { SchedulePageViews, type SchedulePageView } from './schedule-page.view';

/** The schedules of a project: looked at by its readers; made, changed, paused and deleted by whoever made them. */
@Controller('projects/:project/schedules')
export class SchedulesController {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly making: ScheduleMaking,
    private readonly own: OwnSchedules,
    private readonly changes: ScheduleChanges,
    private readonly lists: ScheduleListViews,
    private readonly pages: SchedulePageViews,
  ) {}

  @Get()
  @Access('projectReader')
  @Render('schedules/index')
  list(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<ScheduleListView> {
    return this.lists.of(person, project);
  }

  @Post()
  @Audited('schedule.make')
  @Access('projectScheduler')
  make(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.changes.save({ person, project, schedule: null }, form, request, response);
  }

  @Get(':schedule')
  @Access('projectReader')
  @Render('schedules/schedule')
  async page(@CurrentPerson() person: User, @CurrentProject() project: Project, @Param('schedule') id: string): Promise<SchedulePageView> {
    return this.pages.of(person, project, await this.own.require(project, id));
  }

  @Get(':schedule/change')
  @Access('projectScheduler')
  async form(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.changes.ask(person, project, await this.own.find(person, project, id, 'scheduleAuthor'), response);
  }

  @Post(':schedule')
  @Audited('schedule.change')
  @Access('projectScheduler')
  async change(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const schedule = await this.own.find(person, project, id, 'scheduleAuthor');
    await this.changes.save({ person, project, schedule }, form, request, response);
  }

  @Post(':schedule/pause')
  @Audited('schedule.pause')
  @Access('projectScheduler')
  async pause(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { name } = await this.own.find(person, project, id, 'scheduleKeeper');
    const isChanged = await this.schedules.pause(id);
    tellAudit(request, isChanged ? { details: { schedule: name } } : { isNothing: true });
    const path = `/projects/${project.id}/schedules/${id}/resume`;
    flash(request, 'ok', 'schedules.flashPaused', { name }, isChanged ? { path, fields: [] } : undefined);
    redirect(response, `/projects/${project.id}/schedules/${id}`);
  }

  @Post(':schedule/resume')
  @Audited('schedule.resume')
  @Access('projectScheduler')
  async resume(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const schedule = await this.own.find(person, project, id, 'scheduleKeeper');
    const isChanged = await this.making.resume(schedule);
    tellAudit(request, isChanged ? { details: { schedule: schedule.name } } : { isNothing: true });
    flash(request, 'ok', 'schedules.flashResumed', { name: schedule.name });
    redirect(response, `/projects/${project.id}/schedules/${id}`);
  }

  @Post(':schedule/delete')
  @Audited('schedule.delete')
  @Access('projectScheduler')
  async delete(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { name } = await this.own.find(person, project, id, 'scheduleKeeper');
    const isGone = await this.schedules.delete(project.id, id);
    tellAudit(request, { details: { schedule: name } });
    const path = `/projects/${project.id}/schedules/${id}/restore`;
    flash(request, 'ok', 'schedules.flashDeleted', { name }, isGone ? { path, fields: [] } : undefined);
    redirect(response, `/projects/${project.id}/schedules`);
  }

  /** Undoes `delete`. */
  @Post(':schedule/restore')
  @Audited('schedule.restore')
  @Access('projectScheduler')
  async restore(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('schedule') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const schedule = await this.own.findDeleted(person, project, id);
    if (schedule) await this.making.restore(schedule);
    tellAudit(request, schedule ? { details: { schedule: schedule.name } } : { isNothing: true });
    if (schedule) flash(request, 'ok', 'schedules.flashRestored', { name: schedule.name });
    else flash(request, 'warn', 'schedules.flashTooLate');
    redirect(response, `/projects/${project.id}/schedules${schedule ? `/${id}` : ''}`);
  }
}
