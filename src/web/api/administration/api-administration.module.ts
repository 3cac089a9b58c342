import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccountsModule } from '../../accounts/accounts.module';
import { AdminPagesModule } from '../../admin/admin-pages.module';
import { CleanerAdminModule } from '../../admin/cleaning/cleaner-admin.module';
import { PeoplePagesModule } from '../../admin/people/people-pages.module';
import { QueueAdminModule } from '../../admin/queue/queue-admin.module';
import { ApiAuditController } from './audit.controller';
import { ApiCleanerController } from './cleaner.controller';
import { ApiConcernsController } from './concerns.controller';
import { ApiDiskController } from './disk.controller';
import { ApiGroupsController } from './groups.controller';
import { ApiLimitsController } from './limits.controller';
import { ApiMailController } from './mail.controller';
import { ApiPeopleController } from './people.controller';
import { ApiPersonController } from './person.controller';
import { ApiPipelineSettingsController } from './pipelines.controller';
import { ApiQueueOrderController } from './queue-order.controller';
import { ApiRunnersController } from './runners.controller';

/** What administrators do, for their programs. */
@Module({
  imports: [CommonModule, AccountsModule, AdminPagesModule, CleanerAdminModule, PeoplePagesModule, QueueAdminModule],
  controllers: [
    ApiAuditController,
    ApiCleanerController,
    ApiConcernsController,
    ApiDiskController,
    ApiGroupsController,
    ApiLimitsController,
    ApiMailController,
    ApiPeopleController,
    ApiPersonController,
    ApiPipelineSettingsController,
    ApiQueueOrderController,
    ApiRunnersController,
  ],
})
export class ApiAdministrationModule {}
