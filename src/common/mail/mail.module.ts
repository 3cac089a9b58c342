import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { OutboxRepository } from './outbox.repository';

/** The outbox as rows, for every process; mails are written and sent by `MailDispatchModule`. */
@Module({ imports: [ConfigModule, DatabaseModule], providers: [OutboxRepository], exports: [OutboxRepository] })
export class MailModule {}
