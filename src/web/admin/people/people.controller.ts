import { Controller, Get, Param, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Access } from '../../http/access/access.decorator';
import { PeopleList, type PeopleListView } from './people-list.view';
import { readPeopleQuery } from './people-query';
import { PersonForms } from './person-forms.view';
import { PersonPage } from './person-page.view';

/** Accounts and guests, as administrators see them. */
@Controller('admin/people')
export class PeopleController {
  constructor(
    private readonly list: PeopleList,
    private readonly page: PersonPage,
    private readonly forms: PersonForms,
  ) {}

  @Get()
  @Access('admin')
  @Render('admin/people/index')
  index(@Query() query: Record<string, unknown>): Promise<PeopleListView> {
    return this.list.show(readPeopleQuery(query));
  }

  @Get(':person')
  @Access('admin')
  async person(@Param('person') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const person = await this.page.require(id);
    response.render('admin/people/person', await this.forms.of(person, request.user?.id ?? ''));
  }
}
