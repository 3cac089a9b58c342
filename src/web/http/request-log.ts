import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { withLogFields } from '../../common/log-fields';
import type { NextFunction, Request, Response } from 'express';

const logger = new Logger('Request');

/** Gives each request its number, names it in the answer, and writes one line at debug when the answer has gone out. */
export function logRequests(request: Request, response: Response, next: NextFunction): void {
  request.id = `r-${randomBytes(5).toString('base64url')}`;
  response.setHeader('X-Request-Id', request.id);
  const fields = () => ({ request: request.id, ...(request.run ? { run: request.run.id } : {}) });
  const begin = process.hrtime.bigint();
  // Taken now: routers change it. Queries stay out of the log, they may carry names of files.
  const path = withoutSecrets(request.path);
  response.on('close', () => {
    const milliseconds = Number((process.hrtime.bigint() - begin) / 1_000_000n);
    const status = response.writableFinished ? response.statusCode : 'aborted';
    // Written by whatever ended the connection, in nobody's name.
    const write = () => logger.debug(`${request.method} ${JSON.stringify(path)} ${status} ${milliseconds} ms ${request.id}`);
    withLogFields(fields, write);
  });
  withLogFields(fields, next);
}

/** A path for the log, below a base path or not: whoever reads that may not open what a link opens. */
export function withoutSecrets(path: string): string {
  return path.replace(/((?:^|\/)(?:shared|link|expiring)\/).+/i, '$1…').replace(/((?:^|\/)(?:report-content|shared-file)\/)[^/]+/i, '$1…');
}
