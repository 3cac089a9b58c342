import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Application } from 'express';

/** Every route that the router of an application has, as `GET /projects/:project`. */
export function routesOf(app: NestExpressApplication): string[] {
  type Layer = { route?: { path: string; methods: Record<string, boolean> } };
  const { stack } = (app.getHttpAdapter().getInstance() as Application).router as unknown as { stack: Layer[] };
  return stack.flatMap(({ route }) => (route ? Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`) : []));
}
