import { Injectable, RequestMethod } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { API_AREAS, API_ROUTE, type ApiRoute } from '../contract/api-route';

/** A route with its address. */
export interface FoundRoute extends ApiRoute {
  /** Name of the handler, and of the operation in the OpenAPI document. */
  name: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';
  /** As OpenAPI writes it: `/api/v1/runs/{run}`. */
  path: string;
  /** Names in the path; the last may hold slashes. */
  parameters: { name: string; holdsSlashes: boolean }[];
}

const METHODS: Partial<Record<RequestMethod, FoundRoute['method']>> = {
  [RequestMethod.GET]: 'get',
  [RequestMethod.POST]: 'post',
  [RequestMethod.PUT]: 'put',
  [RequestMethod.PATCH]: 'patch',
  [RequestMethod.DELETE]: 'delete',
  [RequestMethod.HEAD]: 'head',
  [RequestMethod.OPTIONS]: 'options',
};

/** Finds the routes of the API in the application itself: what is not in there is not described, and what is described is there. */
@Injectable()
export class ApiRoutes {
  private found: readonly FoundRoute[] | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** By area and path. */
  all(): readonly FoundRoute[] {
    this.found ??= this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (metatype ? routesOf(metatype) : []))
      .toSorted((one, other) => API_AREAS.indexOf(one.area) - API_AREAS.indexOf(other.area) || (one.path < other.path ? -1 : 1));
    return this.found;
  }
}

function routesOf(controller: { prototype?: unknown; name?: string } | Function): FoundRoute[] {
  const prototype = (controller as { prototype: Record<string, unknown> }).prototype;
  const base = Reflect.getMetadata('path', controller) as string | undefined;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (base === undefined || typeof handler !== 'function') return [];
    const route = Reflect.getMetadata(API_ROUTE, handler) as ApiRoute | undefined;
    const method = METHODS[Reflect.getMetadata('method', handler) as RequestMethod];
    if (!route || !method) return [];
    const [first] = [Reflect.getMetadata('path', handler) as string | string[]].flat();
    return [{ ...route, name: nameOf(controller as { name: string }, name), method, ...addressOf(`${base}/${first ?? ''}`) }];
  });
}

/** `RunsController.list` is `runs-list`. */
function nameOf({ name: controller }: { name: string }, handler: string): string {
  return `${controller.replace(/^Api|Controller$/g, '')}-${handler}`.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
}

function addressOf(pattern: string): Pick<FoundRoute, 'path' | 'parameters'> {
  const steps = pattern.split('/').filter((step) => step !== '');
  const parameters = steps
    .filter((step) => step.startsWith(':') || step.startsWith('*'))
    .map((step) => ({ name: step.slice(1), holdsSlashes: step.startsWith('*') }));
  return { path: `/${steps.map((step) => (/^[:*]/.test(step) ? `{${step.slice(1)}}` : step)).join('/')}`, parameters };
}
