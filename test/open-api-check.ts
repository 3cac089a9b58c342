import { z } from 'zod';
import type { OpenApiDocument, Operation, ResponseObject } from '../src/web/api/description/open-api';
import type { ApiAnswer } from './api-client';

type Check = (value: unknown) => string[];

/** Holds answers to the OpenAPI document of the application. */
export class OpenApiCheck {
  private readonly checks = new Map<object, Check>();

  constructor(readonly document: OpenApiDocument) {}

  /** Operations with their path and method. */
  operations(): { path: string; method: string; operation: Operation }[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
  }

  /** What is wrong with an answer; empty when it is as described. */
  faultsOf({ responses }: Operation, { status, headers, json, text }: ApiAnswer): string[] {
    const described = responses[String(status)] ?? responses[`${Math.floor(status / 100)}XX`];
    if (!described) return [`status ${status} is not described`];
    const type = (headers['content-type'] ?? '').replace(/;.*$/, '');
    const types = Object.keys(described.content ?? {});
    if (types.length === 0) return text === '' ? [] : ['there is an answer where none is described'];
    if (text === '' && types.every((one) => !one.endsWith('json'))) return [];
    const schema = this.schemaFor(described, type);
    if (schema === undefined) return [`${type} is not described: ${types.join(', ')}`];
    return this.checkOf(schema)(json ?? text);
  }

  private schemaFor({ content = {} }: ResponseObject, type: string): object | undefined {
    // Files come in the type that they have.
    return (content[type] ?? content['application/octet-stream'])?.schema;
  }

  private checkOf(schema: object): Check {
    const known = this.checks.get(schema);
    if (known) return known;
    const check = Object.keys(schema).length === 0 ? () => [] : this.compiled(schema);
    this.checks.set(schema, check);
    return check;
  }

  private compiled(schema: object): Check {
    const whole = { ...schema, $defs: this.document.components.schemas };
    const own = JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')) as Parameters<typeof z.fromJSONSchema>[0];
    const compiled = z.fromJSONSchema(own);
    return (value) => {
      const result = compiled.safeParse(value);
      return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    };
  }
}
