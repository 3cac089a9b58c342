import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { ApiOrdersRepository } from './api-orders.repository';

/** Requests of programs that are carried out once. */
@Module({ imports: [DatabaseModule], providers: [ApiOrdersRepository], exports: [ApiOrdersRepository] })
export class ApiOrdersModule {}
