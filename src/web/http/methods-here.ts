import { NotFoundException } from '@nestjs/common';
import type { Request } from 'express';

/** As far as Express tells of a route. */
interface Layer {
  match(path: string): boolean;
  route?: { methods: Record<string, boolean | undefined> };
}

/** Whether somebody opened an address that takes forms only, such as by reloading what a form had answered. */
export function formsOnly(error: unknown, request: Request): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  return methodsHere(error, request)?.includes('POST') ?? false;
}

/** The methods that an address takes whose own was none of them; null where that is not what went wrong. */
export function methodsHere(error: unknown, request: Request): string[] | null {
  // What a handler throws is an error of ours; this one says that there was no handler.
  if (!(error instanceof NotFoundException)) return null;
  const { stack } = request.app.router as unknown as { stack: Layer[] };
  const here = stack.filter((layer) => layer.route !== undefined && layer.match(request.path));
  const methods = new Set(here.flatMap(({ route }) => Object.keys(route?.methods ?? {})).map((method) => method.toUpperCase()));
  if (methods.has('GET')) methods.add('HEAD');
  return methods.size === 0 || methods.has(request.method) ? null : [...methods].sort();
}
