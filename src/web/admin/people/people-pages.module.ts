import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccountsModule } from '../../accounts/accounts.module';
import { AccessModule } from '../../http/access/access.module';
import { PeopleList } from './people-list.view';
import { PeopleController } from './people.controller';
import { PersonChanges } from './person-changes';
import { PersonChangesController } from './person-changes.controller';
import { PersonForms } from './person-forms.view';
import { PersonPage } from './person-page.view';
import { QuotaForms } from './quota-form.view';
import { QuotasController } from './quotas.controller';

/** Accounts and guests, for administrators. */
@Module({
  imports: [CommonModule, AccessModule, AccountsModule],
  controllers: [PeopleController, PersonChangesController, QuotasController],
  providers: [PeopleList, PersonChanges, PersonForms, PersonPage, QuotaForms],
  exports: [PersonChanges],
})
export class PeoplePagesModule {}
