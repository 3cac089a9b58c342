import { z } from 'zod';
import { word } from './schema-values';

/** How values are written, in arguments and in the lines of files. */

/** Between the items of a list that are written as one text. */
export const separator = z.string().min(1).max(20);

/** What a boolean is written as. */
export const spelling = z.strictObject({ true: word, false: word });

const style = z.enum(['bare', 'separate', 'equals']);

/** An entry of `arguments`, or a word of a line. */
export const argumentField = z.union([
  word,
  z.tuple([z.string(), z.string()]),
  z.strictObject({ boolean: z.string(), whenTrue: word.nullable().default(null), whenFalse: word.nullable().default(null) }),
  z.strictObject({
    value: z.string(),
    flag: z.string().nullable().default(null),
    style: style.optional(),
    keepEmpty: z.boolean().default(false),
    join: separator.optional(),
  }),
  z.strictObject({ literal: word }),
]);
