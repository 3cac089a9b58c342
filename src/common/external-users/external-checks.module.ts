import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { ExternalChecks } from './external-checks';
import { ExternalUsersModule } from './external-users.module';

/** For processes that log people in: they ask again and again about those who are. */
@Module({ imports: [ConfigModule, ExternalUsersModule], providers: [ExternalChecks] })
export class ExternalChecksModule {}
