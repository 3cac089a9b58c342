import { SetMetadata } from '@nestjs/common';
import type { TokenScope } from '../../../common/api-tokens/token-scopes';

export const TOKEN_SCOPE = 'access:scope';

/** `any`: every token will do. */
export type NeededScope = TokenScope | 'any';

/** What the token of a program has to be good for. Every handler below `/api` needs one, beside its `Access` rule. */
export const Scope = (scope: NeededScope): MethodDecorator => SetMetadata(TOKEN_SCOPE, scope);
