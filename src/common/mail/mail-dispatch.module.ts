import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { ConfigModule } from '../config/config.module';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { MembersModule } from '../members/members.module';
import { ProjectsModule } from '../projects/projects.module';
import { UsersModule } from '../users/users.module';
import { WebhooksModule } from '../webhooks/webhooks.module';
import { MailDispatcher } from './mail-dispatcher';
import { MailLoop } from './mail-loop';
import { MailModule } from './mail.module';
import { FolderTransport, MailTransport, SmtpTransport } from './mail-transport';
import { RunMails } from './run-mails';
import { RunNewsDesk } from './run-news-desk';

/** Writes and sends mails for as long as the process lives. The runner imports it; several runners share the work. */
@Module({
  imports: [ConfigModule, DatabaseModule, FilesModule, MailModule, MembersModule, ProjectsModule, UsersModule, WebhooksModule],
  providers: [MailDispatcher, MailLoop, RunMails, RunNewsDesk, { provide: MailTransport, inject: [AppConfig], useFactory: openTransport }],
  exports: [MailLoop, MailDispatcher],
})
export class MailDispatchModule {}

function openTransport(config: AppConfig): MailTransport {
  const address = config.settings.SMTP_URL;
  return address === undefined ? new FolderTransport(config.mailDir) : new SmtpTransport(address);
}
