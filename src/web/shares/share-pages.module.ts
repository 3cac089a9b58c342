import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { QueuePagesModule } from '../queue/queue-pages.module';
import { ShowModule } from '../show/show.module';
import { RateLimitsModule } from '../http/rate-limits.module';
import { FirstDeletion } from './first-deletion';
import { MembersController } from './members.controller';
import { ShareLinks } from './share-links';
import { SharePage } from './share-page.view';
import { SharingMails } from './sharing-mails';
import { SharedController } from './shared.controller';
import { SharedProject } from './shared-project.view';
import { SharesController } from './shares.controller';

/** Links by which people without an account look at runs and projects. */
@Module({
  imports: [CommonModule, AccessModule, QueuePagesModule, ShowModule, RateLimitsModule],
  controllers: [MembersController, SharesController, SharedController],
  providers: [FirstDeletion, SharingMails, ShareLinks, SharePage, SharedProject],
  exports: [SharingMails, ShareLinks],
})
export class SharePagesModule {}
