import { applyDecorators, createParamDecorator, type ExecutionContext, HttpCode, SetMetadata, UseInterceptors } from '@nestjs/common';
import type { Request } from 'express';
import { Scope } from '../../http/access/scope.decorator';
import { API_ROUTE, statusOf, type ApiRoute } from './api-route';
import { CheckInput } from './check-input';
import { readInput } from './request-input';

/** Describes a route of the API, and holds its requests to that. Every handler below `/api` needs it, beside its access rule. */
export function Api(route: ApiRoute): MethodDecorator {
  return applyDecorators(
    SetMetadata(API_ROUTE, route),
    HttpCode(statusOf(route)),
    Scope(route.scope ?? 'any'),
    UseInterceptors(CheckInput),
  );
}

/** The query as its schema has read it. */
export const ApiQuery = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => inputOf(context).query);

/** The JSON of the request as its schema has read it. */
export const ApiBody = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => inputOf(context).body);

function inputOf(context: ExecutionContext): { query: unknown; body: unknown } {
  return readInput(context.switchToHttp().getRequest<Request>());
}
