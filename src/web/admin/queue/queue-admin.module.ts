import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { QueueAdminController } from './queue-admin.controller';
import { QueueAdminPage } from './queue-admin-page.service';

/** The page on which administrators put the queue in order. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [QueueAdminController],
  providers: [QueueAdminPage],
  exports: [QueueAdminPage],
})
export class QueueAdminModule {}
