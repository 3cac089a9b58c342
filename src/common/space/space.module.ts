import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { QuotasModule } from '../quotas/quotas.module';
import { UsersModule } from '../users/users.module';
import { DiskReserve } from './disk-reserve';
import { Space } from './space';
import { SpaceMeter } from './space-meter';
import { SpaceRepository } from './space.repository';
import { StagedFiles } from './staged-files';

/** Who may use how much space, and who uses it. */
@Module({
  imports: [ConfigModule, DatabaseModule, FilesModule, QuotasModule, UsersModule],
  providers: [DiskReserve, Space, SpaceMeter, SpaceRepository, StagedFiles],
  exports: [Space],
})
export class SpaceModule {}
