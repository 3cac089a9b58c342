import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { QueueModule } from '../queue/queue.module';
import { AccountMails } from './account-mails';
import { MailDesk } from './mail-desk';
import { MailServerRepository } from './mail-server.repository';
import { MailTemplates } from './mail-templates';
import { NoticeMails } from './notice-mails';
import { NoticeWriter } from './notice-writer';
import { OutboxLinesRepository } from './outbox-lines.repository';
import { OutboxRepository } from './outbox.repository';
import { ScheduleMails } from './schedule-mails';

const PROVIDERS = [
  OutboxRepository,
  OutboxLinesRepository,
  MailTemplates,
  MailServerRepository,
  AccountMails,
  NoticeMails,
  NoticeWriter,
  MailDesk,
  ScheduleMails,
];

/** The outbox as rows, for every process; mails about runs are written, and all mails are sent, by `MailDispatchModule`. */
@Module({ imports: [ConfigModule, DatabaseModule, QueueModule], providers: PROVIDERS, exports: PROVIDERS })
export class MailModule {}
