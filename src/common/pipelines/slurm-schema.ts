import { z } from 'zod';
import { text } from '../../locales/text';
import { parseSeconds } from '../config/values';

/** The fields of the block `slurm` in `pipeline.yaml`. */

/** Names of partitions, accounts and the like, and expressions of constraints such as `[ib&gpu]*2`; never the beginning of another option. */
const PLACE = /^[\w[(][\w.,:@+/&|*()[\]-]{0,199}$/;
/** What keeps a job findable, held and started once is set by Showrunner alone; sbatch takes abbreviations, so whatever begins one of these counts. */
const OWN_OPTIONS = [
  'array',
  'wrap',
  'job-name',
  'comment',
  'requeue',
  'no-requeue',
  'hold',
  'wait',
  'output',
  'error',
  'input',
  'open-mode',
  'parsable',
  'quiet',
  'chdir',
  'export',
  'export-file',
  'get-user-env',
  'clusters',
  'test-only',
  'help',
  'usage',
  'version',
  'time',
  'partition',
  'account',
  'qos',
  'constraint',
];

/** Whether a text can name a partition, an account, a quality of service or a constraint. */
export function isSlurmWord(value: string): boolean {
  return PLACE.test(value);
}

const word = z
  .string()
  .trim()
  .refine(isSlurmWord, { error: () => text('pipelines.badSlurmWord') });
const fromForm = z.strictObject({ parameter: z.string() });

export const slurmField = z.union([word, fromForm]).nullable().default(null);

const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const seconds = parseSeconds(String(value));
  if (seconds !== undefined && seconds >= 60) return Math.round(seconds);
  context.addIssue({ code: 'custom', message: text('pipelines.badDuration', { value: String(value) }) });
  return z.NEVER;
});

export const slurmTime = z
  .union([duration, fromForm.extend({ unit: z.enum(['s', 'm', 'h', 'd']).default('m') })], {
    error: ({ input }) => (input === undefined ? undefined : text('pipelines.badDuration', { value: JSON.stringify(input) })),
  })
  .nullable()
  .default(null);

export const slurmOption = z
  .string()
  .regex(/^--[a-z][a-z-]+(=[^\0]*)?$/, { error: () => text('pipelines.badSlurmOption') })
  .superRefine((option, context) => {
    const name = option.slice(2).split('=')[0];
    if (OWN_OPTIONS.some((own) => own.startsWith(name)))
      context.addIssue({ code: 'custom', message: text('pipelines.ownSlurmOption', { option: `--${name}` }) });
  });
