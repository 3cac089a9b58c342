import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Visitor } from '../http/access/current';
import { Dashboard } from './dashboard.service';
import { NewcomerPage } from './newcomer-page.service';

/** What this is, for the person who is not logged in; the dashboard, for the one who is. */
@Controller()
export class HomeController {
  constructor(
    private readonly dashboard: Dashboard,
    private readonly newcomers: NewcomerPage,
  ) {}

  @Get()
  @Access('anyone')
  async index(@Visitor() visitor: User | null, @Res() response: Response): Promise<void> {
    if (visitor) response.render('home/dashboard', { title: text('home.dashboardTitle'), ...(await this.dashboard.show(visitor)) });
    else response.render('home/newcomer', { pageClass: 'page-mid', ...(await this.newcomers.show()) });
  }
}
