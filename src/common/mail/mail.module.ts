import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { AccountMails } from './account-mails';
import { MailTemplates } from './mail-templates';
import { OutboxRepository } from './outbox.repository';

const PROVIDERS = [OutboxRepository, MailTemplates, AccountMails];

/** The outbox as rows, for every process; mails about runs are written, and all mails are sent, by `MailDispatchModule`. */
@Module({ imports: [ConfigModule, DatabaseModule], providers: PROVIDERS, exports: PROVIDERS })
export class MailModule {}
