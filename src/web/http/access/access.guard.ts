import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AuditTrail } from '../../../common/audit/audit-trail';
import { ForbiddenError, LoginRequiredError, NotFoundError } from '../../../common/errors';
import { AUDITED } from '../audit/audited.decorator';
import { objectOf } from '../audit/deeds';
import { changesSomething } from '../csrf';
import { ACCESS_RULE, CHANGES_NOTHING } from './access.decorator';
import { Grants } from './grants';
import { ThingsOfRoutes } from './named-things';
import { type AccessRule, type Intent, Policy, type Verdict } from './policy';
import { isForPrograms } from '../tokens/api-path';
import { type NeededScope, TOKEN_SCOPE } from './scope.decorator';

/** Loads what a route names by `:project` and `:run`, asks the policy, and attaches it for the handler. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly logger = new Logger(AccessGuard.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly policy: Policy,
    private readonly things: ThingsOfRoutes,
    private readonly grants: Grants,
    private readonly trail: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (rule === undefined) {
      this.logger.error(`${context.getClass().name}.${context.getHandler().name} has no @Access rule, so nobody may call it.`);
      throw new ForbiddenError('errors.forbidden');
    }
    const person = request.user ?? null;
    const isProgram = isForPrograms(request);
    const comesByLink = !isProgram && this.policy.isOpenToLinks(rule) && this.grants.areBroughtBy(request);
    // Strangers get the same answer for what exists and for what does not, and cost no query.
    if (!person && !comesByLink && !this.policy.isOpenToStrangers(rule)) throw new LoginRequiredError('errors.loginRequired');
    if (isProgram) this.requireScope(request, context);
    const { run, project, role } = await this.things.of(request);
    if (project) request.project = project;
    if (run) request.run = run;
    const verdict = this.policy.decide(rule, { person, project, run, role, intent: this.intentOf(request, context) });
    if (rule === 'admin' && verdict !== 'allow') this.noteRefusal(request, context);
    if (verdict === 'allow' || !comesByLink) return this.enforce(verdict);
    const grant = this.policy.grantFor(rule, { person, project, run, grants: await this.grants.of(request) });
    if (!grant) return this.enforce(verdict);
    request.grant = grant;
    return true;
  }

  /** @throws ForbiddenError for a token that is not made for that. */
  private requireScope({ token }: Request, context: ExecutionContext): void {
    const scope = this.reflector.get<NeededScope | undefined>(TOKEN_SCOPE, context.getHandler());
    if (scope === undefined) {
      this.logger.error(`${context.getClass().name}.${context.getHandler().name} has no @Scope, so no program may call it.`);
      throw new ForbiddenError('errors.forbidden');
    }
    if (token && scope !== 'any' && !token.scopes.includes(scope)) throw new ForbiddenError('tokens.scopeLacking', { scope });
  }

  /** Somebody tries what only administrators may. */
  private noteRefusal(request: Request, context: ExecutionContext): void {
    const action = this.reflector.get<string | undefined>(AUDITED, context.getHandler());
    if (action === undefined) return;
    this.trail.note({ actor: request.user ?? null, action, object: objectOf(request), address: request.ip, outcome: 'refused' });
  }

  private intentOf(request: Request, context: ExecutionContext): Intent {
    if (!changesSomething(request)) return 'look';
    return this.reflector.get<boolean | undefined>(CHANGES_NOTHING, context.getHandler()) ? 'look' : 'change';
  }

  private enforce(verdict: Verdict): true {
    if (verdict === 'logIn') throw new LoginRequiredError('errors.loginRequired');
    if (verdict === 'hide') throw new NotFoundError('errors.notFound');
    if (verdict === 'lookOnly') throw new ForbiddenError('guests.demoChangesNothing');
    if (verdict === 'refuse') throw new ForbiddenError('errors.forbidden');
    return true;
  }
}
