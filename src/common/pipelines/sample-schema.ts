import { posix } from 'node:path';
import { z } from 'zod';
import { text } from '../../locales/text';
import { patternFault } from './pattern';
import { word } from './schema-values';

/** The field `samples` of `pipeline.yaml`: runs that show that a pipeline works, for `npm run pipeline -- check`. */

const line = z.string().trim().min(1).max(200);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const cells = z.record(z.string(), z.union([scalar, z.array(scalar)]));

/** As a form or an API sends it: text, number, truth value, a list of them, or the rows of a table. */
export const value = z.union([scalar, z.array(z.union([scalar, cells]))]);

const inside = z.string().superRefine((path, context) => {
  if (!isInside(path)) context.addIssue({ code: 'custom', message: text('samples.badPath', { path }) });
});

/** Whether a path stays in the folder that it is relative to, and names something there. */
export function isInside(path: string): boolean {
  const plain = posix.normalize(path);
  return (
    path !== '' && !path.includes('\0') && !posix.isAbsolute(plain) && plain !== '.' && !plain.endsWith('/') && !/^\.\.(\/|$)/.test(plain)
  );
}

const file = z.union([inside.transform((path) => ({ path })), z.strictObject({ name: inside, text: z.string().max(100_000) })]);

const pattern = z.string().superRefine((source, context) => {
  const fault = patternFault(source);
  if (fault) context.addIssue({ code: 'custom', message: text('pipelines.badPattern', { fault }) });
});

/** A glob alone asks that there is such a file, the other fields what it holds. */
const expectedFile = z.union([
  line.transform((glob): { glob: string; contains?: string; lines?: number; equals?: string; sha256?: string } => ({ glob })),
  z
    .strictObject({
      glob: line,
      contains: pattern.optional(),
      lines: z.number().int().min(0).optional(),
      equals: inside.optional(),
      sha256: z
        .string()
        .regex(/^[0-9A-Fa-f]{64}$/, { error: () => text('samples.badSha256') })
        .optional(),
    })
    .refine((expected) => Object.keys(expected).length > 1, { error: () => text('samples.nothingHeld') }),
]);

export const SAMPLE_STATES = ['succeeded', 'partial', 'failed', 'timed_out'] as const;

export const sample = z.strictObject({
  title: line,
  values: z.record(z.string(), value).default({}),
  files: z.record(z.string(), z.union([file.transform((one) => [one]), z.array(file).min(1).max(1000)])).default({}),
  expect: z
    .strictObject({
      state: z.enum(SAMPLE_STATES).default('succeeded'),
      files: z.array(expectedFile).default([]),
      logs: pattern.nullable().default(null),
      arguments: z.array(word).nullable().default(null),
    })
    .default({ state: 'succeeded', files: [], logs: null, arguments: null }),
});

export const samples = z.array(sample).max(100).optional();

/** What lies beside an annotated script. */
export const samplesFile = z.strictObject({ samples: z.array(sample).min(1).max(100) });

export type Sample = z.output<typeof sample>;
/** A file among the results, and what it holds. */
export type ExpectedFile = Sample['expect']['files'][number];
/** A file beside the manifest, or one that is written for the sample. */
export type SampleFile = Sample['files'][string][number];
