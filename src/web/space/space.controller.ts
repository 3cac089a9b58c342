import { Controller, Get, Post, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { NotAudited } from '../http/audit/audited.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { flash } from '../http/flash';
import { SpaceMeasuring } from './space-measuring';
import { SpacePage, type SpacePageView } from './space-page.service';

/** What uses one's space, and that of the owner of a project. */
@Controller()
export class SpaceController {
  constructor(
    private readonly page: SpacePage,
    private readonly measuring: SpaceMeasuring,
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
    const done = await this.measuring.measure(person.id);
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
