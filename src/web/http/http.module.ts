import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from './access/access.module';
import { AuditInterceptor } from './audit/audit.interceptor';
import { ErrorPageFilter } from './error-page.filter';
import { LanguageController } from './language.controller';
import { OpenAnswers } from './open-answers';
import { SessionStore } from './sessions/session-store';
import { ThemeController } from './theme.controller';

/** What lies around every page: guards, error pages, sessions. */
@Module({
  imports: [CommonModule, AccessModule],
  controllers: [ThemeController, LanguageController],
  providers: [
    { provide: APP_FILTER, useClass: ErrorPageFilter },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
    SessionStore,
    OpenAnswers,
  ],
})
export class HttpModule {}
