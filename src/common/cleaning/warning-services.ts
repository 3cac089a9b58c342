import { Injectable } from '@nestjs/common';
import { NoticeMails } from '../mail/notice-mails';
import { KeepLonger } from './keep-longer';
import { RemovalWarningsRepository } from './removal-warnings.repository';
import { RunExpiry } from './run-expiry';

/** What warnings are made of. */
@Injectable()
export class WarningServices {
  constructor(
    readonly expiry: RunExpiry,
    readonly warnings: RemovalWarningsRepository,
    readonly keeping: KeepLonger,
    readonly notices: NoticeMails,
  ) {}
}
