import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { UsersModule } from '../users/users.module';
import { ApiTokens } from './api-tokens';
import { ApiTokensRepository } from './api-tokens.repository';

const PROVIDERS = [ApiTokensRepository, ApiTokens];

/** Keys by which programs are let in for somebody. */
@Module({ imports: [ConfigModule, DatabaseModule, UsersModule], providers: PROVIDERS, exports: PROVIDERS })
export class ApiTokensModule {}
