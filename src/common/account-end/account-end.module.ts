import { Module } from '@nestjs/common';
import { AccountLinksModule } from '../account-links/account-links.module';
import { ApiTokensModule } from '../api-tokens/api-tokens.module';
import { FileTasksModule } from '../file-tasks/file-tasks.module';
import { MailModule } from '../mail/mail.module';
import { ProjectsModule } from '../projects/projects.module';
import { QueueModule } from '../queue/queue.module';
import { SchedulesModule } from '../schedules/schedules.module';
import { SharesModule } from '../shares/shares.module';
import { UsersModule } from '../users/users.module';
import { WebhooksModule } from '../webhooks/webhooks.module';
import { AccountEnd } from './account-end';
import { Belongings } from './belongings';
import { StandingOrders } from './standing-orders';

/** What ends with an account. */
@Module({
  imports: [
    AccountLinksModule,
    ApiTokensModule,
    FileTasksModule,
    MailModule,
    ProjectsModule,
    QueueModule,
    SchedulesModule,
    SharesModule,
    UsersModule,
    WebhooksModule,
  ],
  providers: [AccountEnd, Belongings, StandingOrders],
  exports: [AccountEnd, Belongings],
})
export class AccountEndModule {}
