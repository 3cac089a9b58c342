import { z } from 'zod';
import type { TextKey } from '../../../locales/text';

/** What is said of a field. */
interface FieldWords {
  says: TextKey;
}

/** The sentences about fields, by their schemas: made when somebody reads them, in the language of the reader. */
export const FIELD_WORDS = z.registry<FieldWords>();

/** Says what a field is about. To be called last, on what stands in the object: `says(z.string().nullable(), 'api.fieldNext')`. */
export function says<Schema extends z.ZodType>(schema: Schema, key: TextKey): Schema {
  FIELD_WORDS.add(schema, { says: key });
  return schema;
}
