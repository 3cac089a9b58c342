import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { GroupsModule } from '../groups/groups.module';
import { Askers } from './asker';

/** Whom projects are shared with, and to whom somebody counts. */
@Module({ imports: [ConfigModule, DatabaseModule, GroupsModule], providers: [Askers], exports: [Askers] })
export class MembersModule {}
