import { Module } from '@nestjs/common';
import { AdministratorsModule } from '../administrators/administrators.module';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { QueueModule } from '../queue/queue.module';
import { UsersModule } from '../users/users.module';
import { PeopleRepository } from './people.repository';
import { Standing } from './standing';

/** People as administrators see and steer them. */
@Module({
  imports: [AdministratorsModule, ConfigModule, DatabaseModule, QueueModule, UsersModule],
  providers: [PeopleRepository, Standing],
  exports: [PeopleRepository, Standing],
})
export class PeopleModule {}
