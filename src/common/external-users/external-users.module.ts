import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { UsersModule } from '../users/users.module';
import { ExternalUsers } from './external-users';
import { HashFingerprints } from './hash-fingerprints';
import { MasterTable } from './master-table';
import { MirrorsRepository } from './mirrors.repository';

/** People whom another database knows. */
@Module({
  imports: [ConfigModule, DatabaseModule, FilesModule, UsersModule],
  providers: [HashFingerprints, MasterTable, MirrorsRepository, ExternalUsers],
  exports: [ExternalUsers, MasterTable, MirrorsRepository],
})
export class ExternalUsersModule {}
