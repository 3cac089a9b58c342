import { z } from 'zod';
import { text } from '../../../locales/text';
import { FIELD_WORDS } from '../contract/words';

/** As much of JSON Schema (2020-12) as is read here again. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  format?: string;
  additionalProperties?: JsonSchema | boolean;
  [more: string]: unknown;
}

const DEFINITIONS = '#/$defs/';
export const COMPONENTS = '#/components/schemas/';

/** Makes JSON Schemas of the schemas of routes, with sentences in the language of the moment; those with a name are collected. */
export class JsonSchemas {
  readonly named: Record<string, JsonSchema> = {};

  /** @param io whether it is read from a request or written into an answer. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _dialect, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: describe }) as JsonSchema;
    const { $defs = {}, ...own } = made;
    for (const [name, definition] of Object.entries($defs)) this.named[name] ??= atComponents(definition);
    return atComponents(own);
  }
}

function describe({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }): void {
  const words = FIELD_WORDS.get(zodSchema as z.ZodType);
  if (words) Object.assign(jsonSchema, { description: text(words.says) });
}

function atComponents<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map((one: unknown) => atComponents(one)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value).map(([key, part]) => [
    key,
    key === '$ref' && typeof part === 'string' ? part.replace(DEFINITIONS, COMPONENTS) : atComponents(part as unknown),
  ]);
  return Object.fromEntries(pairs) as Value;
}
