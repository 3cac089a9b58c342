import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { isBackChannel } from './back-channel';
import { changesSomething, CsrfTokens } from './csrf';
import { isForPrograms } from './tokens/api-path';

const READS_OWN_BODY = 'csrf:readsOwnBody';

/**
 * For handlers that read a multipart body as a stream: they must call `CsrfTokens.verify(request, field)` themselves, with the first
 * field of the form, before they keep anything.
 */
export const ChecksCsrfItself = (): MethodDecorator => SetMetadata(READS_OWN_BODY, true);

/** Wants the token of every other handler that changes something: in the field `_csrf`, or the header `X-CSRF-Token` for scripts. */
@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: CsrfTokens,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if (!changesSomething(request) || this.reflector.get<boolean>(READS_OWN_BODY, context.getHandler())) return true;
    // No cookie lets anybody in there, so no page of others can send anything in somebody's name.
    if (isForPrograms(request) || isBackChannel(request)) return true;
    const body = request.body as Record<string, unknown> | undefined;
    await this.tokens.verify(request, request.headers['x-csrf-token'] ?? body?.['_csrf']);
    return true;
  }
}
