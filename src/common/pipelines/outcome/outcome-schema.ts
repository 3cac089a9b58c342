import { z } from 'zod';
import { text } from '../../../locales/text';
import { word } from '../schema-values';

/** The fields of `pipeline.yaml` that say what of a run succeeded: `steps`, and the part of `outcome` that looks at log and files. */

const MOST_STEPS = 50;
const MOST_PATTERNS = 50;
const LONGEST_PATTERN = 1000;

const line = z.string().trim().min(1).max(200);
const glob = z.string().trim().min(1).max(200);
const globs = z.array(glob).min(1).max(MOST_PATTERNS);

/** Looked for anywhere in a line. */
const pattern = z
  .string()
  .min(1)
  .max(LONGEST_PATTERN)
  .superRefine((source, context) => {
    const fault = searchFault(source);
    if (fault) context.addIssue({ code: 'custom', message: text('pipelines.badPattern', { fault }) });
  });
const patterns = z.array(pattern).max(MOST_PATTERNS);

const need = z.union([z.strictObject({ step: z.string() }), z.strictObject({ files: glob, run: z.string().optional() })]);

const step = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, { error: () => text('outcome.badStepId') }),
  title: line.optional(),
  parameter: z.string().optional(),
  when: word.optional(),
  needs: z
    .union([z.array(need).min(1), z.array(z.array(need).min(1)).min(1)])
    .transform((given) => (given.every((one) => Array.isArray(one)) ? given : [given]))
    .optional(),
  invalidates: globs.optional(),
  start: pattern.optional(),
  end: pattern.optional(),
  requiredOutputs: globs.optional(),
  errors: patterns.optional(),
});

export const steps = z.array(step).min(1).max(MOST_STEPS).optional();

/** Spread into the schema of `outcome`. */
export const outcomeFields = {
  log: z.strictObject({ errors: patterns.default([]), ignore: patterns.default([]) }).optional(),
  ended: z.strictObject({ file: line, equals: word.optional() }).optional(),
  rows: z
    .strictObject({
      of: z.string(),
      key: word,
      failedKey: word.optional(),
      title: word.optional(),
      ok: pattern.optional(),
      failed: pattern.optional(),
      requiredOutputs: z.array(word).min(1).max(MOST_PATTERNS).optional(),
    })
    .optional(),
};

/** Names of the groups of a regular expression that is one. */
export function groupsOf(source: string): string[] {
  // The empty alternative matches everything, and so tells the groups of the other.
  return Object.keys(new RegExp(`${source}|`, 'u').exec('')?.groups ?? {});
}

function searchFault(source: string): string | undefined {
  try {
    void new RegExp(source, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}

export type StepFields = z.output<typeof step>;
export type OutcomeFields = { [Name in keyof typeof outcomeFields]?: z.output<(typeof outcomeFields)[Name]> | undefined };
