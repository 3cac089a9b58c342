import type { ApiArea } from '../contract/api-route';
import { COMPONENTS } from './json-schemas';
import type { OpenApiDocument, Operation } from './open-api';

/** An operation with its address. */
export interface FoundOperation {
  path: string;
  method: string;
  operation: Operation;
}

/** Those of one area, in the order of the document. */
export function operationsOf({ paths }: OpenApiDocument, area: ApiArea): FoundOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => (operation.tags.includes(area) ? [{ path, method, operation }] : [])),
  );
}

/** Names of the objects that the routes of each area ask for or answer with, and of those within them. */
export function objectsByArea(document: OpenApiDocument): Map<ApiArea, Set<string>> {
  return new Map(document.tags.map(({ name }) => [name, objectsIn(document, name)]));
}

function objectsIn(document: OpenApiDocument, area: ApiArea): Set<string> {
  const found = new Set<string>();
  const add = (part: unknown): void => {
    for (const name of refsIn(part)) {
      if (found.has(name)) continue;
      found.add(name);
      add(document.components.schemas[name]);
    }
  };
  for (const { operation } of operationsOf(document, area)) {
    add(operation.requestBody);
    // What fails is answered alike everywhere.
    for (const [status, response] of Object.entries(operation.responses)) if (!status.endsWith('X')) add(response);
  }
  return found;
}

function refsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(COMPONENTS) ? [value.slice(COMPONENTS.length)] : refsIn(value),
  );
}
