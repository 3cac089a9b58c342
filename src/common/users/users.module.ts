import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { HomesRepository } from './homes.repository';
import { Passwords } from './passwords';
import { SessionsRepository } from './sessions.repository';
import { UsersRepository } from './users.repository';

const SHARED = [UsersRepository, SessionsRepository, HomesRepository, Passwords];

/** People, their passwords and their log-ins. */
@Module({ imports: [DatabaseModule], providers: SHARED, exports: SHARED })
export class UsersModule {}
