import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CommonModule } from '../../../common/common.module';
import { CsrfTokens } from '../csrf';
import { CsrfGuard } from '../csrf.guard';
import { AccessGuard } from './access.guard';
import { Grants } from './grants';
import { ThingsOfRoutes } from './named-things';
import { OpenPipelines } from './open-pipelines';
import { Permissions } from './permissions';
import { Policy } from './policy';

/** The global guards, in their order: who is it and may they, then does the form come from our own page. Import it to ask the policy. */
@Module({
  imports: [CommonModule],
  providers: [
    Policy,
    OpenPipelines,
    Permissions,
    ThingsOfRoutes,
    Grants,
    CsrfTokens,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: CsrfGuard },
  ],
  exports: [Policy, OpenPipelines, Permissions, Grants, CsrfTokens],
})
export class AccessModule {}
