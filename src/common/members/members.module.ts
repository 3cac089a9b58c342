import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { GroupsModule } from '../groups/groups.module';
import { UsersModule } from '../users/users.module';
import { Askers } from './asker';
import { Memberships } from './memberships';
import { ProjectMembersRepository } from './project-members.repository';
import { ProjectSharing } from './project-sharing';
import { SharedProjectsRepository } from './shared-projects.repository';

/** Whom projects are shared with, and to whom somebody counts. */
@Module({
  imports: [ConfigModule, DatabaseModule, GroupsModule, UsersModule],
  providers: [Askers, Memberships, ProjectMembersRepository, ProjectSharing, SharedProjectsRepository],
  exports: [Askers, Memberships, ProjectMembersRepository, ProjectSharing, SharedProjectsRepository],
})
export class MembersModule {}
