import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { ApiTokens } from '../../../common/api-tokens/api-tokens';
import { LoginRequiredError, UnclearError } from '../../../common/errors';
import { plainAddress } from '../addresses';
import { COOKIES, readCookie } from '../cookies';
import { isForPrograms } from './api-path';

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Finds out for whom a program comes, by the token in the header `Authorization`; anywhere else a token is a word like any other. A token
 * that is good for nothing is refused, also where nobody needs one: its program would not learn of it otherwise.
 */
export function readToken(tokens: ApiTokens): RequestHandler {
  return async (request: Request, _response: Response, next: NextFunction) => {
    const { authorization } = request.headers;
    if (!isForPrograms(request) || authorization === undefined) return next();
    // Of two people who are named nobody would know for whom it counts.
    if (readCookie(request, COOKIES.session) !== undefined) return next(new UnclearError('tokens.withCookie'));
    const key = BEARER.exec(authorization)?.[1];
    const bearer = key === undefined ? null : await tokens.bearerOf(key, plainAddress(request.ip));
    if (!bearer) return next(new LoginRequiredError('tokens.notGood'));
    request.user = bearer.person;
    request.token = bearer.token;
    next();
  };
}
