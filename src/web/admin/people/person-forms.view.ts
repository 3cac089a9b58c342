import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { GroupsRepository } from '../../../common/groups/groups.repository';
import { AccountMails } from '../../../common/mail/account-mails';
import { Standing } from '../../../common/people/standing';
import type { User } from '../../../common/users/user.entity';
import { chipsOf, type Chip } from './person-chips';
import { PersonPage, type PersonFacts } from './person-page.view';
import { QuotaForms, type QuotaField } from './quota-form.view';

/** What `views/admin/people/person.hbs` shows: the facts, and what may be done. */
export interface PersonView {
  title: string;
  /** Whose page it is. */
  subject: PersonFacts;
  chips: Chip[];
  /** What would lock the reader out is not offered. */
  isYou: boolean;
  /** ADMIN_EMAILS makes an administrator of them at each log-in. */
  isNamed: boolean;
  mayMakeAdministrator: boolean;
  mayUnmakeAdministrator: boolean;
  maySuspend: boolean;
  mayConfirm: boolean;
  mayResetPassword: boolean;
  mayDelete: boolean;
  groups: { id: string; name: string }[];
  sendsMail: boolean;
  trashDays: number;
  quotas: QuotaField[];
  /** Of a form that was sent and is wrong. */
  entered: { why: string };
  /** A link to pass on, which is shown once. */
  link: string | null;
}

/** Draws the page of one person. */
@Injectable()
export class PersonForms {
  constructor(
    private readonly page: PersonPage,
    private readonly quotas: QuotaForms,
    private readonly standing: Standing,
    private readonly mails: AccountMails,
    private readonly groups: GroupsRepository,
    private readonly config: AppConfig,
  ) {}

  /** @param readerId who looks. */
  async of(person: User, readerId: string, over: Partial<Pick<PersonView, 'entered' | 'link' | 'quotas'>> = {}): Promise<PersonView> {
    const facts = await this.page.factsOf(person);
    const isYou = person.id === readerId;
    const isNamed = this.standing.isNamed(person);
    const isAccount = person.kind === 'account';
    const isThere = person.suspendedMs === null && person.leavingMs === null;
    return {
      title: person.displayName,
      subject: facts,
      chips: chipsOf(this.config, person, facts.externalName),
      isYou,
      isNamed,
      mayMakeAdministrator: isAccount && !person.isAdmin && isThere,
      mayUnmakeAdministrator: person.isAdmin && !isYou && !isNamed,
      maySuspend: !isYou,
      mayConfirm: isAccount && person.email !== null && person.confirmedMs === null,
      mayResetPassword: isAccount && person.email !== null && !facts.isKeptElsewhere && isThere,
      mayDelete: isAccount && !isYou && person.leavingMs === null,
      groups: (await this.groups.groupsOf(person.id)).map(({ id, name }) => ({ id, name })),
      sendsMail: this.mails.areSent,
      trashDays: this.config.settings.TRASH_DAYS,
      quotas: over.quotas ?? (await this.quotas.of(person)),
      entered: over.entered ?? { why: '' },
      link: over.link ?? null,
    };
  }
}
