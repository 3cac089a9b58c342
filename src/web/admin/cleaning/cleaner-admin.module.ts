import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { CleanerAdminController } from './cleaner-admin.controller';
import { CleanerAdminPage } from './cleaner-admin-page.service';
import { CleanerRows } from './cleaner-rows.service';

/** What the cleaner did and will do, and what is kept from it: for administrators. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [CleanerAdminController],
  providers: [CleanerAdminPage, CleanerRows],
  exports: [CleanerRows],
})
export class CleanerAdminModule {}
