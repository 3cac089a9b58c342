import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import type { User } from '../../../common/users/user.entity';
import { text } from '../../../locales/text';
import type { InstitutePerson } from '../../institute/institute-person';
import { Farewell } from '../farewell';
import { InstituteAccounts } from './institute-accounts';
import type { Question } from './join';
import { sourceTitle } from './source-title';

/** What the page asks before somebody of the institute comes in. */
export interface JoinView {
  title: string;
  pageClass: string;
  question: Question;
  /** What the institute is called, and who it says that they are. */
  institute: string;
  name: string;
  email: string;
  /** What their account is called that is logged in. */
  account: string;
  /** Within which it goes; for `leaving` alone. */
  days: number;
  asksPassword: boolean;
}

/** Collects that page. */
@Injectable()
export class JoinPage {
  constructor(
    private readonly accounts: InstituteAccounts,
    private readonly farewell: Farewell,
    private readonly config: AppConfig,
  ) {}

  async of(person: InstitutePerson, question: Question, visitor: User | null): Promise<JoinView> {
    const { source, name, email } = person;
    const leavingMs = question === 'leaving' ? (await this.accounts.accountOf(person))?.user.leavingMs : null;
    return {
      title: text(question === 'leaving' ? 'accounts.logInTitle' : 'institute.joinTitle'),
      pageClass: 'page-narrow',
      question,
      institute: sourceTitle(source, this.config),
      name,
      email: email ?? '',
      account: visitor ? (visitor.email ?? visitor.displayName) : '',
      days: this.farewell.daysLeft(leavingMs ?? 0),
      asksPassword: question === 'password' || (question === 'connect' && visitor?.passwordHash !== null),
    };
  }
}
