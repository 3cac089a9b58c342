import { NotFoundException } from '@nestjs/common';
import type { Request } from 'express';

/** As far as Express tells of a route. */
interface Layer {
  match(path: string): boolean;
  route?: { methods: Record<string, boolean | undefined> };
}

/** Whether somebody opened an address that takes forms only, such as by reloading what a form had answered. */
export function formsOnly(error: unknown, request: Request): boolean {
  // What a handler throws is an error of ours; this one says that there was no handler.
  if (!(error instanceof NotFoundException) || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  const { stack } = request.app.router as unknown as { stack: Layer[] };
  return stack.some((layer) => layer.route?.methods['post'] === true && layer.match(request.path));
}
