import { z } from 'zod';
import { MOST_AXES } from '../../run/sweep-order';
import { says } from '../contract/words';
import { runSchema, sweepSchema } from './run-schemas';

const MOST_VALUES = 1000;
const value = z.union([z.string(), z.number(), z.boolean()]);

/** What a program asks for. */
export const runOrderSchema = z.strictObject({
  pipeline: says(z.string().min(1).max(100), 'api.orderPipeline'),
  parameters: says(z.record(z.string(), z.unknown()).default({}), 'api.orderParameters'),
  preset: says(z.string().min(1).max(36).optional(), 'apiWork.orderPreset'),
  afterRun: says(z.int().min(1).max(999_999_999).optional(), 'chains.apiAfterRun'),
  sweep: says(
    z
      .strictObject({
        mode: says(z.enum(['all', 'together']).default('all'), 'api.sweepMode'),
        axes: z
          .array(
            z.strictObject({
              parameter: z.string().min(1).max(100),
              values: says(z.array(value).min(1).max(MOST_VALUES), 'api.orderValues'),
            }),
          )
          .min(1)
          .max(MOST_AXES),
      })
      .optional(),
    'api.orderSweep',
  ),
});

export const runOrderQuery = z.strictObject({
  dryRun: says(z.enum(['true', 'false']).default('false'), 'api.orderDryRun'),
});

export const orderedSchema = z.union([
  z.object({ run: runSchema }),
  z.object({ sweep: sweepSchema, runs: says(z.array(z.int()), 'api.orderedRuns') }),
]);

/** What would run, without its number. */
const planSchema = z.object({
  parameters: says(z.record(z.string(), z.unknown()), 'api.runParameters'),
  command: says(z.array(z.string()), 'api.planCommand'),
  files: says(z.array(z.object({ path: z.string(), content: z.string(), isCut: z.boolean() })), 'api.planFiles'),
  inputs: says(z.array(z.object({ path: z.string(), from: z.string() })), 'api.planInputs'),
});

export const dryRunSchema = z
  .object({
    dryRun: z.literal(true),
    pipeline: z.object({ id: z.string(), title: z.string(), version: z.string() }),
    runs: says(z.array(planSchema), 'api.planRuns'),
    runCount: says(z.int(), 'api.planRunCount'),
  })
  .meta({ id: 'DryRun' });

export type RunOrder = z.infer<typeof runOrderSchema>;
export type Ordered = z.infer<typeof orderedSchema>;
export type DryRun = z.infer<typeof dryRunSchema>;
