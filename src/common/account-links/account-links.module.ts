import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { AccountLinks } from './account-links';
import { AccountLinksRepository } from './account-links.repository';

const PROVIDERS = [AccountLinksRepository, AccountLinks];

/** Links that work once: of mails, and of administrators. */
@Module({ imports: [ConfigModule, DatabaseModule], providers: PROVIDERS, exports: PROVIDERS })
export class AccountLinksModule {}
