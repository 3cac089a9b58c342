import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { Quotas } from './quotas';
import { QuotasRepository } from './quotas.repository';

/** Limits of people. */
@Module({ imports: [ConfigModule, DatabaseModule], providers: [Quotas, QuotasRepository], exports: [Quotas, QuotasRepository] })
export class QuotasModule {}
