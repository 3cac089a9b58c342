import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { ImportsModule } from '../../common/imports/imports.module';
import { AccessModule } from '../http/access/access.module';
import { InboxListing } from './inbox-listing';
import { InboxController } from './inbox.controller';
import { InboxView } from './inbox.view';

/** The inbox of the server, as a place from which files come into projects. */
@Module({
  imports: [CommonModule, ImportsModule, AccessModule],
  controllers: [InboxController],
  providers: [InboxListing, InboxView],
  exports: [InboxListing],
})
export class InboxPagesModule {}
