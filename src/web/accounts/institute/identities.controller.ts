import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { redirect } from '../../http/addresses';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { flash } from '../../http/flash';
import { fieldText, type SubmittedForm } from '../../http/form';
import { AccountIdentities } from './account-identities';

/** The people of the institute on the page of one's account. */
@Controller('account/identities')
export class IdentitiesController {
  constructor(private readonly identities: AccountIdentities) {}

  @Post('remove')
  @Audited('account.disconnect')
  @Access('account')
  async remove(
    @CurrentPerson() person: User,
    @Body() form: SubmittedForm,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const name = await this.identities.remove(person, fieldText(form, 'identity'));
    tellAudit(request, name === null ? { isNothing: true } : { details: { name } });
    if (name !== null) flash(request, 'ok', 'institute.disconnected', { name });
    redirect(response, '/account');
  }
}
