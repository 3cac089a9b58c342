import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import { Space } from '../../common/space/space';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { SpacePage, type SpacePageView } from './space-page.service';

/** How long somebody who asks for a measurement waits for it; what takes longer goes on behind the page. */
const PATIENCE_MS = 5000;

/** What uses one's space, and that of the owner of a project. */
@Controller()
export class SpaceController {
  constructor(
    private readonly page: SpacePage,
    private readonly space: Space,
  ) {}

  @Get('space')
  @Access('person')
  @Render('space/index')
  own(@CurrentPerson() person: User): Promise<SpacePageView> {
    return this.page.of(person);
  }

  @Post('space/measure')
  @NotAudited('only measures')
  @Access('person')
  async measure(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    const measured = this.space.measure(person.id).then(() => true);
    const done = await Promise.race([measured, sleep(PATIENCE_MS, false, { ref: false })]);
    flash(request, 'ok', done ? 'space.measured' : 'space.measuring');
    redirect(response, '/space');
  }

  @Get('projects/:project/space')
  @Access('projectKeeper')
  @Render('space/index')
  ofProject(@CurrentPerson() person: User, @CurrentProject() project: Project): Promise<SpacePageView> {
    return this.page.of(person, project);
  }
}
