import { Controller, Get, Render, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { sectionsOf } from '../frame/sections';
import { Overview, type OverviewView } from './overview.service';

/** The first page of the administration area. */
@Controller('admin')
export class OverviewController {
  constructor(private readonly overview: Overview) {}

  @Get()
  @Access('admin')
  @Render('admin/overview')
  show(@CurrentPerson() person: User, @Req() request: Request): Promise<OverviewView> {
    return this.overview.show(person, sectionsOf(request.app));
  }
}
