import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { ConflictError } from '../../common/errors';
import { KeptElsewhere } from '../../common/identities/kept-elsewhere';
import { AccountMails } from '../../common/mail/account-mails';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { AccountIdentities, type InstituteSection } from './institute/account-identities';
import { AccountSessions, type SessionView } from './account-sessions';

/** What the page of one's account shows. */
export interface AccountPageView {
  title: string;
  pageClass: string;
  name: string;
  email: string;
  isConfirmed: boolean;
  /** What was typed as a new address. */
  newEmail: string;
  /** Whether mails are sent, without which an address cannot prove itself. */
  sendsMail: boolean;
  /** Days before deletions at which mails come; 0: there are none. */
  warnDays: number;
  wantsDeletionMails: boolean;
  sessions: SessionView[];
  hasOthers: boolean;
  /** How many tokens let programs in. */
  tokens: number;
  /** Whether name, address and password are those of another system, and changed there. */
  isKeptElsewhere: boolean;
  /** Null where there is nothing to say of it. */
  institute: InstituteSection | null;
}

/** Collects the page of one's account. */
@Injectable()
export class AccountPage {
  constructor(
    private readonly sessions: AccountSessions,
    private readonly mails: AccountMails,
    private readonly kept: KeptElsewhere,
    private readonly identities: AccountIdentities,
    private readonly tokens: ApiTokensRepository,
  ) {}

  /** @throws ConflictError for people of another system: what they are called, and their password, is changed there. */
  async requireKeptHere(person: User): Promise<void> {
    if (await this.kept.isKept(person)) throw new ConflictError('external.keptElsewhere');
  }

  /** @param entered what a form was sent with, to be shown again. */
  async of(person: User, request: Request, entered: { name?: string; newEmail?: string } = {}): Promise<AccountPageView> {
    const sessions = await this.sessions.list(person.id, request.sessionID);
    return {
      title: text('accounts.accountTitle'),
      pageClass: 'page-mid',
      name: (entered.name ?? person.displayName).slice(0, 300),
      email: person.email ?? '',
      isConfirmed: person.confirmedMs !== null,
      newEmail: (entered.newEmail ?? '').slice(0, 300),
      sendsMail: this.mails.areSent,
      warnDays: this.mails.warnDays,
      wantsDeletionMails: person.unwarnedMs === null,
      sessions,
      tokens: await this.tokens.countLive(person.id),
      hasOthers: sessions.some(({ isThis }) => !isThis),
      isKeptElsewhere: await this.kept.isKept(person),
      institute: await this.identities.of(person, request),
    };
  }
}
