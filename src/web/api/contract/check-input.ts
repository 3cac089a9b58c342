import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { type Observable, tap } from 'rxjs';
import { currentPath, basePathOf } from '../../http/addresses';
import { API_ROUTE, type ApiRoute } from './api-route';
import { checkInput } from './request-input';

/** Holds a request to the schemas of its route before its handler sees it, and says in a header where a list goes on. */
@Injectable()
export class CheckInput implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request>();
    checkInput(request, this.reflector.get<ApiRoute>(API_ROUTE, context.getHandler()));
    return next.handle().pipe(tap((answer: unknown) => linkNext(request, context.switchToHttp().getResponse<Response>(), answer)));
  }
}

function linkNext(request: Request, response: Response, answer: unknown): void {
  const next = (answer as { next?: unknown } | null | undefined)?.next;
  if (typeof next !== 'string' || response.headersSent) return;
  const here = new URL(currentPath(request), 'http://showrunner.invalid');
  here.searchParams.set('after', next);
  response.setHeader('Link', `<${basePathOf(response)}${here.pathname}${here.search}>; rel="next"`);
}
