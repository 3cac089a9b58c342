import { z } from 'zod';
import { text } from '../../../locales/text';
import { DomainError } from '../../errors';
import { newEntryName } from '../../files/entry-name';
import { PROGRESS_FILE } from '../../files/progress-file-name';
import { argumentField } from '../argument-schema';
import { patternFault } from '../pattern';
import { word } from '../schema-values';

/** The fields of `pipeline.yaml` that say what lies in the working folder before and after a run. */

const DEEPEST = 16;

/** A relative path, joined by `/`. */
const path = z.string().superRefine((given, context) => {
  const fault = pathFault(given);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

/** '' or a relative folder, with one `/` at its end. */
const folder = z
  .string()
  .transform((given) => given.replace(/\/$/, ''))
  .superRefine((given, context) => {
    const fault = given === '' ? undefined : pathFault(given);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .transform((given) => (given === '' ? '' : `${given}/`));

/** Null for a path that may be written to. */
function pathFault(given: string): string | undefined {
  const names = given.split('/');
  if (given === PROGRESS_FILE || names.length > DEEPEST) return text('rendering.badPath', { path: given.slice(0, 80) });
  try {
    for (const name of names) newEntryName(name);
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return text('rendering.badPath', { path: given.slice(0, 80) });
    throw error;
  }
}

const characters = z.string().superRefine((source, context) => {
  const fault = patternFault(source);
  if (fault) context.addIssue({ code: 'custom', message: text('pipelines.badPattern', { fault }) });
});

const sign = z.string().max(10);
const glob = z.string().trim().min(1).max(200);
const common = { path, keep: z.boolean().default(false) };

const file = z.discriminatedUnion('format', [
  z.strictObject({
    ...common,
    format: z.literal('lines'),
    lines: z
      .array(z.strictObject({ when: word.optional(), words: z.array(argumentField).min(1), omitEmpty: z.boolean().default(true) }))
      .min(1),
    quote: z.enum(['none', 'single', 'double', 'shell']).default('none'),
    safe: characters.nullable().default(null),
    comment: sign.default(''),
  }),
  z.strictObject({
    ...common,
    format: z.literal('rows'),
    rows: z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1).max(4)]),
    columns: z.array(z.strictObject({ header: z.string().max(200).default(''), value: word })).min(1),
    header: z.enum(['none', 'plain', 'comment']).default('plain'),
    delimiter: z.string().length(1).default(','),
    quote: z.enum(['never', 'needed', 'always']).default('needed'),
    comment: sign.default(''),
  }),
  z.strictObject({ ...common, format: z.literal('yaml'), value: z.json(), omitEmpty: z.boolean().default(true) }),
  z.strictObject({ ...common, format: z.literal('json'), value: z.json(), omitEmpty: z.boolean().default(true) }),
]);

const staging = z.union([
  z.strictObject({
    parameter: z.string(),
    column: z.string().optional(),
    to: folder.default(''),
    name: z.string().min(1).default('{name}'),
    as: z.enum(['link', 'copy']).default('link'),
  }),
  z.strictObject({ run: z.string(), globs: z.array(glob).min(1), to: folder.default('') }),
]);

const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const clearing = z.strictObject({ clear: z.array(glob).min(1) });

/** Spread into the schema of the whole manifest. */
export const workFolderFields = {
  files: z.array(file).optional(),
  stage: z.array(staging).optional(),
  runId: z.union([z.strictObject({ env: variableName }), z.strictObject({ file: path })]).optional(),
  before: clearing.optional(),
  after: clearing.optional(),
};

export type WorkFolderFields = { [Name in keyof typeof workFolderFields]?: z.output<(typeof workFolderFields)[Name]> | undefined };
export type FileFields = z.output<typeof file>;
export type StagingFields = z.output<typeof staging>;
