import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { SharesRepository } from './shares.repository';

/** Links by which people without an account look at runs and projects. */
@Module({ imports: [DatabaseModule], providers: [SharesRepository], exports: [SharesRepository] })
export class SharesModule {}
