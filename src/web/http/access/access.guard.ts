import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ForbiddenError, LoginRequiredError, NotFoundError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import { Memberships } from '../../../common/members/memberships';
import { ProjectsRepository } from '../../../common/projects/projects.repository';
import type { Run } from '../../../common/queue/run.entity';
import { RunsRepository } from '../../../common/queue/runs.repository';
import { changesSomething } from '../csrf';
import { ACCESS_RULE, CHANGES_NOTHING } from './access.decorator';
import { Grants } from './grants';
import { type AccessRule, type Intent, Policy, type Verdict } from './policy';
import { isUuid, runNumberIn } from '../ids';

/** Loads what a route names by `:project` and `:run`, asks the policy, and attaches it for the handler. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly logger = new Logger(AccessGuard.name);

  constructor(
    private readonly reflector: Reflector,
    private readonly policy: Policy,
    private readonly projects: ProjectsRepository,
    private readonly runs: RunsRepository,
    private readonly grants: Grants,
    private readonly memberships: Memberships,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (rule === undefined) {
      this.logger.error(`${context.getClass().name}.${context.getHandler().name} has no @Access rule, so nobody may call it.`);
      throw new ForbiddenError('errors.forbidden');
    }
    const person = request.user ?? null;
    const comesByLink = this.policy.isOpenToLinks(rule) && this.grants.areBroughtBy(request);
    // Strangers get the same answer for what exists and for what does not, and cost no query.
    if (rule !== 'anyone' && !person && !comesByLink) throw new LoginRequiredError('errors.loginRequired');
    const run = await this.loadRun(request);
    const project = await this.loadProject(request, run);
    if (project) request.project = project;
    if (run) request.run = run;
    const role = rule === 'anyone' ? null : await this.memberships.roleOf(person, project);
    const verdict = this.policy.decide(rule, { person, project, run, role, intent: this.intentOf(request, context) });
    if (verdict === 'allow' || !comesByLink) return this.enforce(verdict);
    const grant = this.policy.grantFor(rule, { person, project, run, grants: await this.grants.of(request) });
    if (!grant) return this.enforce(verdict);
    request.grant = grant;
    return true;
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

  private async loadRun(request: Request): Promise<Run | null> {
    const number = request.params['run'];
    if (number === undefined) return null;
    const id = runNumberIn(number);
    const run = id === null ? null : await this.runs.find(id);
    if (!run) throw new NotFoundError('errors.noSuchRun', { number: String(number).slice(0, 12) });
    return run;
  }

  /** A route with both names one run of that project: any other pair is not there. */
  private async loadProject(request: Request, run: Run | null): Promise<Project | null> {
    const named = request.params['project'];
    const id = named === undefined ? run?.projectId : String(named);
    if (id === undefined) return null;
    const project = isUuid(id) && (!run || run.projectId === id) ? await this.projects.findById(id) : null;
    if (!project && named !== undefined) throw new NotFoundError('errors.noSuchProject');
    return project;
  }
}
