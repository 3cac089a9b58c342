import type { z } from 'zod';

/** One setting: how its text is read, what it is when unset (undefined: optional), and the sentence that `.env.example` repeats. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  fallback?: string;
  about: string;
}

/** One of these, with the type of its values. */
export const setting = <Schema extends z.ZodType>(schema: Schema, fallback: string | undefined, about: string): Setting<Schema> => ({
  schema,
  ...(fallback === undefined ? {} : { fallback }),
  about,
});
