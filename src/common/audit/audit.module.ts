import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { AuditTrail } from './audit-trail';
import { AuditRepository } from './audit.repository';

/** The audit log, written by every process. */
@Module({ imports: [DatabaseModule], providers: [AuditRepository, AuditTrail], exports: [AuditRepository, AuditTrail] })
export class AuditModule {}
