import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { Visitor } from '../http/access/current';
import { HomePage } from './home-page.service';

/** What this is, for the person who is not logged in; the dashboard, for the one who is. */
@Controller()
export class HomeController {
  constructor(private readonly page: HomePage) {}

  @Get()
  @Access('anyone')
  async index(@Visitor() visitor: User | null, @Res() response: Response): Promise<void> {
    if (visitor) response.render('home/dashboard', { title: text('home.dashboardTitle'), ...(await this.page.dashboard(visitor)) });
    else response.render('home/newcomer', { pageClass: 'page-mid', ...(await this.page.forNewcomers()) });
  }
}
