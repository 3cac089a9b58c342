import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { ExternalUsersModule } from '../external-users/external-users.module';
import { UsersModule } from '../users/users.module';
import { Administrators } from './administrators';

/** Who looks after the machine. */
@Module({ imports: [ConfigModule, ExternalUsersModule, UsersModule], providers: [Administrators], exports: [Administrators] })
export class AdministratorsModule {}
