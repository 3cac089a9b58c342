import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { UsersModule } from '../users/users.module';
import { AuditSearch } from './audit-search';
import { AuditTrail } from './audit-trail';
import { AuditRepository } from './audit.repository';

/** The audit log, written by every process. */
@Module({
  imports: [DatabaseModule, UsersModule],
  providers: [AuditRepository, AuditSearch, AuditTrail],
  exports: [AuditRepository, AuditSearch, AuditTrail],
})
export class AuditModule {}
