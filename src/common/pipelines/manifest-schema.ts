import { z } from 'zod';
import { text } from '../../locales/text';
import { DEFAULT_FIELDS, MOST_FILES, MOST_TEXT_LENGTH, TEXT_LENGTH } from './manifest-defaults';
import { accessField } from './access';
import { OUTPUT_KINDS, type ProgressRule } from './manifest';
import { normaliseEnding } from './accept';
import { workFolderFields } from './argument-files/file-schema';
import { argumentField, separator, spelling } from './argument-schema';
import { nameRule } from './name-rules';
import { MOST_NEEDS } from './needs';
import { outcomeFields, steps } from './outcome/outcome-schema';
import { formFields, richParameters } from './rich-schema';
import { runtimeFields } from './runtime-schema';
import { samples, value } from './sample-schema';
import { accept, base, booleanFields, choiceFields, line, numberFields, pattern, sentence, stringFields } from './schema-parts';
import { duration, size, word } from './schema-values';
import { isViewerAddress } from './viewer-address';
import { viewFields } from './views/view-schema';

/** The fields of `pipeline.yaml`. Every object is strict: a misspelt field is a fault and not a setting that silently does nothing. */

const numeric = { ...base, ...numberFields };

const parameter = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('string'),
    ...stringFields,
  }),
  z.strictObject({
    ...base,
    type: z.literal('text'),
    default: word.default(''),
    rows: z.int().min(1).max(50).default(5),
    maxLength: z.int().min(1).max(MOST_TEXT_LENGTH).default(TEXT_LENGTH),
  }),
  z.strictObject({ ...numeric, type: z.literal('integer') }),
  z.strictObject({ ...numeric, type: z.literal('number') }),
  z.strictObject({ ...base, type: z.literal('boolean'), ...booleanFields, spelling: spelling.optional() }),
  z.strictObject({ ...base, type: z.literal('choice'), ...choiceFields }),
  z.strictObject({ ...base, type: z.literal('file'), accept }),
  z.strictObject({
    ...base,
    type: z.literal('files'),
    accept,
    minItems: z.int().min(0).default(1),
    maxItems: z.int().min(1).max(MOST_FILES).default(MOST_FILES),
    separator: separator.optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('output'),
    default: z.string().trim().default(''),
    extension: line.transform(normaliseEnding).or(z.literal('')).default(''),
  }),
  ...richParameters,
]);

/** Values for fields, as `samples` has them. */
const preset = z.strictObject({ title: line, values: z.record(z.string(), value) });

const rule = z.strictObject({
  check: word,
  message: line,
  at: z.string(),
  level: z.enum(['error', 'warning']).default('error'),
});

const need = <Schema extends z.ZodType<number>>(amount: Schema, most: number) =>
  z.union([
    amount.refine((value) => value <= most, text('pipelines.needTooLarge', { most })),
    z.strictObject({
      parameter: z.string(),
      times: z.number().positive().default(1),
      plus: z.number().max(most).default(0),
      least: z.number().min(0).max(most).default(0),
    }),
  ]);

/** `auto`, `tqdm`, or a regular expression. */
const progressRule = pattern.transform((source): ProgressRule =>
  source === 'auto' || source === 'tqdm' ? { lines: source } : { pattern: source },
);

const codes = z.array(z.int().min(0).max(255));

/** Checked with the places filled in, so that nothing else can follow from a name. */
const viewerAddress = z
  .string()
  .max(2000)
  .refine(isViewerAddress, { error: () => text('pipelines.viewerAddress') });

const output = z.strictObject({
  glob: line,
  kind: z.enum(OUTPUT_KINDS),
  title: line.optional(),
  group: line.optional(),
  caption: sentence.optional(),
  open: z.union([z.literal('ellviewer'), z.strictObject({ title: line, url: viewerAddress, addresses: line.optional() })]).optional(),
});

/** What `pipeline.yaml` may say; see docs/pipelines.md. */
export const manifestSchema = z.strictObject({
  title: line.optional(),
  summary: sentence.default(DEFAULT_FIELDS.summary),
  takes: sentence.default(DEFAULT_FIELDS.takes),
  gives: sentence.default(DEFAULT_FIELDS.gives),
  version: word.default(DEFAULT_FIELDS.version),
  icon: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default(DEFAULT_FIELDS.icon),
  access: accessField.optional(),
  ...runtimeFields,
  parameters: z
    .array(parameter)
    .max(1000, { error: () => text('pipelines.tooManyEntries', { most: '1,000' }) })
    .default([]),
  ...formFields,
  presets: z.array(preset).max(50).optional(),
  rules: z.array(rule).optional(),
  nameRules: z.array(nameRule).max(50).optional(),
  arguments: z.array(argumentField).optional(),
  ...workFolderFields,
  outputs: z.array(output).default([]),
  ...viewFields,
  limits: z
    .strictObject({
      time: duration.optional(),
      parallel: z.int().min(1).optional(),
      processes: z.int().min(1).optional(),
      cpuTime: duration.optional(),
      openFiles: z.int().min(3).optional(),
      fileSize: size.optional(),
      scratch: size.optional(),
    })
    .default({}),
  needs: z
    .strictObject({
      cpu: need(z.number().positive(), MOST_NEEDS.cpu).default(1),
      memory: need(size as unknown as z.ZodType<number>, MOST_NEEDS.memoryBytes).optional(),
      gpus: need(z.int().min(0), MOST_NEEDS.gpus).default(0),
    })
    .default({ cpu: 1, gpus: 0 }),
  /** High goes first. */
  priority: z.int().min(-100).max(100).default(0),
  retry: z
    .strictObject({ starts: z.int().min(1).max(10).default(1), on: z.array(z.enum(['failed', 'timed_out', 'lost'])).default(['lost']) })
    .default(DEFAULT_FIELDS.retry),
  outcome: z
    .strictObject({
      successCodes: codes.default([0]),
      partialCodes: codes.default([]),
      requiredOutputs: z.array(line).default([]),
      ...outcomeFields,
    })
    .default(DEFAULT_FIELDS.outcome as { successCodes: number[]; partialCodes: number[]; requiredOutputs: string[] }),
  steps,
  progress: progressRule.nullable().default(null),
  progressSteps: z.int().min(1).max(1000).optional(),
  samples,
});

export type ManifestFields = z.output<typeof manifestSchema>;
export type ArgumentFields = z.output<typeof argumentField>;
export type ParameterFields = ManifestFields['parameters'][number];
