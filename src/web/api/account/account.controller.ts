import { Controller, Get, Patch, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ConflictError, UnclearError } from '../../../common/errors';
import { KeptElsewhere } from '../../../common/identities/kept-elsewhere';
import { Space } from '../../../common/space/space';
import { checkDisplayName } from '../../../common/users/display-name';
import type { User } from '../../../common/users/user.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import { AccountChanges } from '../../accounts/account-changes';
import { closeSignal, sendZip } from '../../archives/download/zip-answer';
import { AccountExport } from '../../export/account-export';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { doParts, tellAudit, type PartOfDeed } from '../../http/audit/deeds';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { inField } from '../contract/in-field';
import { ZIP, ZIP_PART } from '../files/zip-schemas';
import { says } from '../contract/words';
import { tokenJson, tokenSchema } from './token-schemas';

const accountSchema = z
  .object({
    id: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    isAdministrator: says(z.boolean(), 'apiFiles.accountIsAdministrator'),
    deletionMails: says(z.boolean(), 'apiWork.accountDeletionMails'),
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

const changeSchema = z.strictObject({
  displayName: says(z.string().max(300).optional(), 'apiWork.accountName'),
  deletionMails: says(z.boolean().optional(), 'apiWork.accountDeletionMails'),
});

type AccountJson = z.infer<typeof accountSchema>;
type Change = z.infer<typeof changeSchema>;

/** For whom a program works, and how much room there is. */
@Controller(`${API_ROOT}/account`)
export class ApiAccountController {
  constructor(
    private readonly space: Space,
    private readonly archive: AccountExport,
    private readonly changes: AccountChanges,
    private readonly kept: KeptElsewhere,
    private readonly users: UsersRepository,
  ) {}

  @Get()
  @Api({ area: 'account', summary: 'apiFiles.account', scope: 'read', answer: accountSchema })
  @Access('person')
  show(@CurrentPerson() person: User, @Req() { token }: Request): Promise<AccountJson> {
    return this.jsonOf(person, token);
  }

  /** What gives nobody a way in: address, password and other log-ins are changed on the page alone. */
  @Patch()
  @Api({
    area: 'account',
    summary: 'apiWork.changeAccount',
    scope: 'files',
    body: changeSchema,
    answer: accountSchema,
    example: { body: { displayName: 'Ana Ruiz', deletionMails: true } },
  })
  @Audited('account.change')
  @Access('account')
  async change(@CurrentPerson() person: User, @ApiBody() change: Change, @Req() request: Request): Promise<AccountJson> {
    const parts = await this.partsOf(person, change);
    if (parts.length === 0) throw new UnclearError('api.nothingToChange');
    tellAudit(request, { parts });
    await doParts(parts);
    return this.jsonOf((await this.users.findById(person.id)) ?? person, request.token);
  }

  @Get('export')
  @Api({ area: 'account', summary: 'apiWork.exportAccount', scope: 'read', answer: ZIP, ...ZIP_PART })
  @Access('account')
  export(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.archive.with(person, closeSignal(response), (zip) => sendZip(request, response, zip, 'showrunner.zip'));
  }

  /** All of it is looked at before anything is done. @throws InvalidInputError, ConflictError for people of another system. */
  private async partsOf(person: User, { displayName, deletionMails }: Change): Promise<PartOfDeed[]> {
    const parts: PartOfDeed[] = [];
    if (displayName !== undefined) {
      if (await this.kept.isKept(person)) throw new ConflictError('external.keptElsewhere');
      const name = await inField('displayName', () => checkDisplayName(displayName));
      parts.push({ action: 'account.rename', work: () => this.changes.rename(person, name) });
    }
    if (deletionMails !== undefined)
      parts.push({ action: 'account.choose-mails', work: () => this.changes.wantDeletionMails(person, deletionMails) });
    return parts;
  }

  private async jsonOf({ id, displayName, email, isAdmin, createdMs, unwarnedMs }: User, token: Request['token']): Promise<AccountJson> {
    const { used, allowance } = await this.space.useFor(id);
    return {
      id,
      displayName,
      email,
      isAdministrator: isAdmin,
      deletionMails: unwarnedMs === null,
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
}
