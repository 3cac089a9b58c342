import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { AuditPage } from './audit-page.view';
import { AuditController } from './audit.controller';

/** The audit log, for administrators. */
@Module({ imports: [CommonModule, AccessModule], controllers: [AuditController], providers: [AuditPage] })
export class AuditPagesModule {}
