import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { MailAdminController } from './mail-admin.controller';

/** The outbox, for administrators. */
@Module({ imports: [CommonModule, AccessModule], controllers: [MailAdminController] })
export class MailAdminModule {}
