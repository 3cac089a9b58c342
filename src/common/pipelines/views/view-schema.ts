import { z } from 'zod';
import { text } from '../../../locales/text';
import { line, sentence } from '../schema-parts';
import { LAYER_ROLES } from './view-rules';

const layer = z.strictObject({
  glob: line.optional(),
  list: line.optional(),
  parameter: z.string().optional(),
  title: line.optional(),
  as: z.enum(LAYER_ROLES).default('image'),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, { error: () => text('viewer.badColour') })
    .optional(),
  opacity: z.number().min(0).max(1).default(1),
  visible: z.boolean().default(true),
  table: line.optional(),
  key: line.optional(),
});

const view = z.strictObject({
  title: line,
  kind: z.enum(['layers']),
  group: line.optional(),
  caption: sentence.optional(),
  each: line.optional(),
  pixelSize: z.union([z.number().positive(), z.strictObject({ parameter: z.string() })]).optional(),
  layers: z.array(layer).min(1).max(50),
});

/** `views` of `pipeline.yaml`: files of a run shown together. */
export const viewFields = { views: z.array(view).max(50).optional() };
