import { z } from 'zod';
import { manifestSchema } from './manifest-schema';

/**
 * The names of the fields that `pipeline.yaml` may have at a path of its content; for "did you mean". Where alternatives exist, the
 * `type` that is written there chooses.
 */
export function knownFields(content: unknown, path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType | undefined = manifestSchema;
  let value: unknown = content;
  for (const step of path) {
    schema = stepInto(schema, step, value);
    value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  }
  return objectsWithin(schema)
    .filter((object) => fitsType(object, value))
    .flatMap((object) => Object.keys(object.shape));
}

function stepInto(schema: z.core.$ZodType | undefined, step: PropertyKey, value: unknown): z.core.$ZodType | undefined {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodRecord) return inner.valueType;
  const object = objectsWithin(inner).find((candidate) => fitsType(candidate, value) && Object.hasOwn(candidate.shape, step));
  return object?.shape[String(step)] as z.core.$ZodType | undefined;
}

function objectsWithin(schema: z.core.$ZodType | undefined): z.ZodObject[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap((option) => objectsWithin(option)) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return unwrap(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.def.in) : schema;
}

function fitsType(object: z.ZodObject, value: unknown): boolean {
  const type: unknown = object.shape['type'];
  if (!(type instanceof z.ZodLiteral)) return true;
  return type.value === (value as Record<string, unknown> | undefined)?.['type'];
}
