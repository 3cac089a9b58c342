import { z } from 'zod';
import { text } from '../../locales/text';
import { normaliseEnding } from './accept';
import { MOST_TEXT_LENGTH, STRING_LENGTH } from './manifest-defaults';
import { isParameterName } from './names';
import { patternFault } from './pattern';
import { word } from './schema-values';

/** Parts of the fields of `pipeline.yaml` that several types of parameters have, and columns of tables with them. */

export const line = z.string().trim().min(1).max(200);
export const sentence = z.string().trim().max(2000);

/** A regular expression, compiled once so that a broken one is a fault of the manifest and not of a run. */
export const pattern = z.string().superRefine((source, context) => {
  const fault = patternFault(source);
  if (fault) context.addIssue({ code: 'custom', message: text('pipelines.badPattern', { fault }) });
});

/** What parameters and columns have. */
export const columnBase = {
  name: z.string().refine(isParameterName, { error: () => text('pipelines.badName') }),
  label: line.optional(),
  help: sentence.default(''),
  required: z.boolean().optional(),
  placeholder: line.optional(),
  examples: z.array(word).max(10).optional(),
};

export const base = {
  ...columnBase,
  helpLong: z.string().trim().min(1).max(8000).optional(),
  section: z.string().optional(),
  advanced: z.boolean().default(false),
  /** Expressions: YAML reads `true` and `1` as something else than text. */
  when: word.optional(),
  requiredWhen: word.optional(),
};

export const accept = z.array(line.transform(normaliseEnding)).default([]);

export const option = z.union([
  word.transform((value) => ({ value, label: value })),
  z.strictObject({ value: word, label: line.optional() }).transform(({ value, label }) => ({ value, label: label ?? value })),
]);

export const patternFields = { pattern: pattern.nullable().default(null), patternMessage: line.nullable().default(null) };

export const stringFields = {
  default: word.default(''),
  ...patternFields,
  maxLength: z.int().min(1).max(MOST_TEXT_LENGTH).default(STRING_LENGTH),
};

export const numberFields = {
  default: z.number().nullable().default(null),
  min: z.number().nullable().default(null),
  max: z.number().nullable().default(null),
  step: z.number().positive().nullable().default(null),
  unit: z.string().trim().max(40).default(''),
  zeroMeans: line.optional(),
};

export const booleanFields = { default: z.boolean().default(false) };
export const choiceFields = { default: word.default(''), options: z.array(option).min(1) };
