import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { ExternalUsersModule } from '../external-users/external-users.module';
import { UsersModule } from '../users/users.module';
import { DirectoryGroups } from './directory-groups';
import { Groups } from './groups';
import { GroupsRepository } from './groups.repository';

/** People who are named together. */
@Module({
  imports: [ConfigModule, DatabaseModule, ExternalUsersModule, UsersModule],
  providers: [DirectoryGroups, Groups, GroupsRepository],
  exports: [DirectoryGroups, Groups, GroupsRepository],
})
export class GroupsModule {}
