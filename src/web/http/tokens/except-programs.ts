import type { RequestHandler } from 'express';
import { isForPrograms } from './api-path';

/** A step on the way of forms to their handlers, which programs do without: what they send is JSON. */
export function exceptPrograms(step: RequestHandler): RequestHandler {
  return (request, response, next) => (isForPrograms(request) ? next() : step(request, response, next));
}
