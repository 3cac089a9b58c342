import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { UsersModule } from '../users/users.module';
import { ExternalUsers } from './external-users';
import { MasterTable } from './master-table';
import { MirrorsRepository } from './mirrors.repository';

/** People whom another database knows. */
@Module({
  imports: [ConfigModule, DatabaseModule, UsersModule],
  providers: [MasterTable, MirrorsRepository, ExternalUsers],
  exports: [ExternalUsers, MasterTable, MirrorsRepository],
})
export class ExternalUsersModule {}
