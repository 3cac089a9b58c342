import { type CallHandler, type ExecutionContext, HttpException, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';
import { AuditTrail, type Deed } from '../../../common/audit/audit-trail';
import { DomainError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { ACCESS_RULE } from '../access/access.decorator';
import { AUDITED } from './audited.decorator';
import { objectOf, toldOf } from './deeds';

/**
 * Writes an entry for each request whose handler changed something. What came to nothing is an entry only where the handler is for
 * administrators, or says that it is worth one; so is what broke down, since nobody knows how far it came.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly trail: AuditTrail,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const action = this.reflector.get<string | undefined>(AUDITED, context.getHandler());
    if (action === undefined || context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response>();
    const isForAdministrators = this.reflector.get(ACCESS_RULE, context.getHandler()) === 'admin';
    // Whoever ends their account is nobody afterwards.
    const before = request.user ?? null;
    const write = (isDone: boolean, isSure: boolean) => this.write(action, request, before, isDone, isForAdministrators || !isSure);
    return next
      .handle()
      .pipe(tap({ complete: () => write(response.statusCode < 400, true), error: (error: unknown) => write(false, isExpected(error)) }));
  }

  private write(action: string, request: Request, before: User | null, isDone: boolean, isWorthIt: boolean): void {
    const { object, details, isRefused, hasFailed, isNothing, parts = [] } = toldOf(request);
    const isAnyDone = isDone || parts.some((part) => part.isDone);
    if (isNothing || (!isAnyDone && !isWorthIt && !isRefused && !hasFailed)) return;
    const outcome = isRefused ? 'refused' : isDone && !hasFailed ? 'done' : 'failed';
    const actor = request.user ?? before;
    // By which of their programs.
    const token: Deed['details'] = request.token ? { token: request.token.prefix } : {};
    const entry = { actor, object: object ?? objectOf(request), address: request.ip };
    if (parts.length === 0) return this.trail.note({ ...entry, action, details: { ...details, ...token }, outcome });
    for (const part of parts) {
      const all = { ...details, ...part.details, ...token };
      this.trail.note({ ...entry, action: part.action, details: all, outcome: part.isDone ? 'done' : outcome });
    }
  }
}

/** What says on purpose that nothing was done. */
function isExpected(error: unknown): boolean {
  return error instanceof DomainError || error instanceof HttpException;
}
