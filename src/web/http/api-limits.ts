import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AppConfig } from '../../common/config/app-config';
import { TooManyRequestsError } from '../../common/errors';
import { networkOf } from './rate-limits';
import { isForPrograms } from './tokens/api-path';

const MINUTE = 60;

/**
 * Lets each token ask so often in a minute, and everybody without one by their network, and says in headers how much of it is left.
 * Counts in the memory of this process. To be used after the token was read.
 */
export function limitApi({ settings }: AppConfig): RequestHandler {
  const most = settings.API_RATE;
  const limiter = new RateLimiterMemory({ points: most, duration: MINUTE, keyPrefix: 'api' });
  return async (request: Request, response: Response, next: NextFunction) => {
    if (!isForPrograms(request)) return next();
    try {
      tell(response, most, await limiter.consume(keyOf(request)));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      tell(response, most, refusal);
      return next(new TooManyRequestsError('api.tooManyRequests', secondsOf(refusal)));
    }
    next();
  };
}

function keyOf({ token, ip }: Request): string {
  return token ? `token:${token.id}` : `network:${networkOf(ip)}`;
}

function tell(response: Response, most: number, count: RateLimiterRes): void {
  response.setHeader('RateLimit-Limit', String(most));
  response.setHeader('RateLimit-Remaining', String(Math.max(0, count.remainingPoints)));
  response.setHeader('RateLimit-Reset', String(secondsOf(count)));
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
