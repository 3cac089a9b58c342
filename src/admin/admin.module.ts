import { Module } from '@nestjs/common';
import { ConfigModule } from '../common/config/config.module';
import { DatabaseModule } from '../common/database/database.module';
import { UsersModule } from '../common/users/users.module';
import { AccountCommands } from './account-commands';

/** What `node dist/admin` needs: people, and nothing else. */
@Module({ imports: [ConfigModule, DatabaseModule, UsersModule], providers: [AccountCommands] })
export class AdminModule {}
