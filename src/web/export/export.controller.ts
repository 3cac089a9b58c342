import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { User } from '../../common/users/user.entity';
import { closeSignal, sendZip } from '../archives/download/zip-answer';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson } from '../http/access/current';
import { AccountExport } from './account-export';

/** One's own data, to take along. */
@Controller('account/export')
export class ExportController {
  constructor(private readonly archive: AccountExport) {}

  @Get()
  @Access('account')
  download(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.archive.with(person, closeSignal(response), (zip) => sendZip(request, response, zip, 'showrunner.zip'));
  }
}
