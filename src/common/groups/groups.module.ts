import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { ExternalUsersModule } from '../external-users/external-users.module';
import { UsersModule } from '../users/users.module';
import { Groups } from './groups';
import { GroupsRepository } from './groups.repository';

/** People who are named together. */
@Module({
  imports: [DatabaseModule, ExternalUsersModule, UsersModule],
  providers: [Groups, GroupsRepository],
  exports: [Groups, GroupsRepository],
})
export class GroupsModule {}
