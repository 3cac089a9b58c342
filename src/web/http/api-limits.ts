import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AppConfig } from '../../common/config/app-config';
import { TooManyRequestsError } from '../../common/errors';
import { networkOf } from './rate-limits';
import { isForPrograms } from './tokens/api-path';

const MINUTE = 60;

/**
 * Requests that carry files: a folder of small ones is thousands of them, and each does little. Archives are among them, so that a broken
 * download goes on whatever else was asked; how many one person has at a time is limited where they are written.
 */
const CARRIES_FILES = /^\/api\/v1\/(projects\/[^/]+\/((uploads|content)(\/|$)|zip\/?$)|runs\/[^/]+\/(results\/.|(zip|crate)\/?$))/i;

/**
 * Lets each token ask so often in a minute, and everybody without a good one by their network, and says in headers how much of it is left.
 * What carries files counts apart, and may be more. Counts in the memory of this process. To be used directly after the token was read.
 */
export function limitApi({ settings }: AppConfig): [RequestHandler, ErrorRequestHandler] {
  const { API_RATE, API_FILE_RATE } = settings;
  const usual = limitOf(API_RATE, 'api');
  const files = limitOf(API_FILE_RATE, 'api-files');
  /** @param error of the token, with which it goes on. */
  const limit = async (request: Request, response: Response, next: NextFunction, error?: unknown) => {
    if (!isForPrograms(request)) return next(error);
    const { most, limiter } = request.token && CARRIES_FILES.test(request.path) ? files : usual;
    try {
      tell(response, most, await limiter.consume(keyOf(request)));
      next(error);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) return next(refusal);
      tell(response, most, refusal);
      next(new TooManyRequestsError('api.tooManyRequests', secondsOf(refusal)));
    }
  };
  return [
    (request, response, next) => limit(request, response, next),
    (error: unknown, request: Request, response: Response, next: NextFunction) => limit(request, response, next, error),
  ];
}

function limitOf(most: number, keyPrefix: string): { most: number; limiter: RateLimiterMemory } {
  return { most, limiter: new RateLimiterMemory({ points: most, duration: MINUTE, keyPrefix }) };
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
