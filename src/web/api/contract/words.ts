import { z } from 'zod';
import type { TextKey } from '../../../locales/text';

/** What is said of a field. */
interface FieldWords {
  says: TextKey;
}

/** The sentences about fields, by their schemas: made when somebody reads them, in the language of the reader. */
export const FIELD_WORDS = z.registry<FieldWords>();

/**
 * Says what a field is about. To be called last, on what stands in the object: `says(z.string().nullable(), 'api.fieldNext')`.
 * @returns a schema of its own, so that the same one says something else elsewhere; those with a name stay what they are.
 */
export function says<Schema extends z.ZodType>(schema: Schema, key: TextKey): Schema {
  const own = z.globalRegistry.get(schema)?.id === undefined ? schema.clone(schema._zod.def) : schema;
  FIELD_WORDS.add(own, { says: key });
  return own;
}
