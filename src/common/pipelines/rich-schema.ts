import { z } from 'zod';
import { MOST_ITEMS, MOST_ROWS } from './manifest-defaults';
import { separator } from './argument-schema';
import {
  accept,
  base,
  booleanFields,
  choiceFields,
  columnBase,
  line,
  numberFields,
  option,
  pattern,
  patternFields,
  sentence,
  stringFields,
} from './schema-parts';
import { word } from './schema-values';

/** The fields of parameters that hold several values, and of what goes with them. */

const several = { minItems: z.int().min(0).default(0), maxItems: z.int().min(1).max(MOST_ITEMS).default(MOST_ITEMS) };
/** One or several, as a list. */
const defaults = z.union([z.array(word), word.transform((one) => (one === '' ? [] : [one]))]).default([]);
const pickFields = {
  from: z.string(),
  many: z.boolean().default(false),
  allowOther: z.boolean().default(false),
  default: defaults,
  ...patternFields,
  separator: separator.optional(),
  ...several,
};

const UNCONDITIONAL = { required: false, when: undefined, requiredWhen: undefined, section: undefined };
const unique = z.boolean().default(false);
const column = z.discriminatedUnion('type', [
  z.strictObject({ ...columnBase, type: z.literal('string'), ...stringFields, unique }),
  z.strictObject({ ...columnBase, type: z.literal('integer'), ...numberFields, unique }),
  z.strictObject({ ...columnBase, type: z.literal('number'), ...numberFields, unique }),
  z.strictObject({ ...columnBase, type: z.literal('boolean'), ...booleanFields }),
  z.strictObject({ ...columnBase, type: z.literal('choice'), ...choiceFields, unique }),
  z.strictObject({ ...columnBase, type: z.literal('file'), accept, unique }),
  z.strictObject({ ...columnBase, type: z.literal('pick'), ...pickFields, unique }),
]);

export const richParameters = [
  z.strictObject({
    ...base,
    type: z.literal('choices'),
    options: z.array(option).min(1),
    default: defaults,
    separator: separator.optional(),
    ...several,
  }),
  z.strictObject({
    ...base,
    type: z.literal('list'),
    items: z.enum(['string', 'integer', 'number']).default('string'),
    default: defaults,
    ...patternFields,
    min: z.number().nullable().default(null),
    max: z.number().nullable().default(null),
    unit: z.string().trim().max(40).default(''),
    unique: z.boolean().default(true),
    separator: separator.optional(),
    ...several,
  }),
  z.strictObject({ ...base, type: z.literal('pick'), ...pickFields }),
  z.strictObject({
    ...base,
    type: z.literal('table'),
    columns: z.array(column).min(1).max(30),
    minRows: z.int().min(0).default(0),
    /** The default depends on the number of columns. */
    maxRows: z.int().min(1).max(MOST_ROWS).optional(),
    fill: z
      .strictObject({ source: z.string(), columns: z.record(z.string(), z.string()) })
      .nullable()
      .default(null),
  }),
  z.strictObject({ ...base, type: z.literal('run'), pipelines: z.array(z.string()).default([]) }),
  z
    .strictObject({ name: columnBase.name, label: line.optional(), type: z.literal('constant'), value: word })
    .transform(({ value, ...rest }) => ({ ...rest, default: value, help: '', advanced: false, ...UNCONDITIONAL })),
] as const;

/** One of these stands under each name of `sources`. */
const source = z.union([
  z.strictObject({
    files: pattern,
    folder: z.string().trim().default(''),
    group: z.string().nullable().default(null),
    rowsBy: z.string().nullable().default(null),
    columnsBy: z.string().nullable().default(null),
  }),
  z.strictObject({ list: line, whenMissing: sentence.optional() }),
  z.strictObject({ columnsOf: line, run: z.string().nullable().default(null) }),
]);

const section = z.strictObject({
  id: line,
  title: line,
  help: sentence.default(''),
  collapsed: z.boolean().default(false),
  when: word.optional(),
});

export const formFields = {
  sources: z.record(z.string(), source).optional(),
  sections: z.array(section).max(50).optional(),
};

export type SourceFields = z.output<typeof source>;
export type SectionFields = z.output<typeof section>;
export type ColumnFields = z.output<typeof column>;
