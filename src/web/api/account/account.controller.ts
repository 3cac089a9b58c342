import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Space } from '../../../common/space/space';
import type { User } from '../../../common/users/user.entity';
import { closeSignal, sendZip } from '../../archives/download/zip-answer';
import { AccountExport } from '../../export/account-export';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { API_ROOT } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { ZIP, ZIP_PART } from '../files/zip-schemas';
import { says } from '../contract/words';
import { tokenJson, tokenSchema } from './token-schemas';

const accountSchema = z
  .object({
    id: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    isAdministrator: says(z.boolean(), 'apiFiles.accountIsAdministrator'),
    createdAt: z.iso.datetime(),
    token: says(tokenSchema.nullable(), 'apiFiles.accountToken'),
    space: says(
      z.object({
        usedBytes: z.number(),
        usedFiles: z.number(),
        mostBytes: says(z.number().nullable(), 'apiFiles.noLimit'),
        mostFiles: says(z.number().nullable(), 'apiFiles.noLimit'),
        mostUploadBytes: says(z.number(), 'apiFiles.mostUpload'),
      }),
      'apiFiles.accountSpace',
    ),
  })
  .meta({ id: 'Account' });

/** For whom a program works, and how much room there is. */
@Controller(`${API_ROOT}/account`)
export class ApiAccountController {
  constructor(
    private readonly space: Space,
    private readonly archive: AccountExport,
  ) {}

  @Get()
  @Api({ area: 'account', summary: 'apiFiles.account', scope: 'read', answer: accountSchema })
  @Access('person')
  async show(@CurrentPerson() person: User, @Req() { token }: Request): Promise<z.infer<typeof accountSchema>> {
    const { id, displayName, email, isAdmin, createdMs } = person;
    const { used, allowance } = await this.space.useFor(id);
    return {
      id,
      displayName,
      email,
      isAdministrator: isAdmin,
      createdAt: new Date(createdMs).toISOString(),
      token: token ? tokenJson(token, token) : null,
      space: {
        usedBytes: used.bytes,
        usedFiles: used.files,
        mostBytes: allowance.bytes,
        mostFiles: allowance.files,
        mostUploadBytes: allowance.uploadBytes,
      },
    };
  }

  @Get('export')
  @Api({ area: 'account', summary: 'apiWork.exportAccount', scope: 'read', answer: ZIP, ...ZIP_PART })
  @Access('account')
  export(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.archive.with(person, closeSignal(response), (zip) => sendZip(request, response, zip, 'showrunner.zip'));
  }
}
