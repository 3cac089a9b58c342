import { z } from 'zod';
import { RUN_STATES } from '../../../common/queue/run-state';
import { says } from '../contract/words';

const time = z.iso.datetime();

/** A run in a list. What its reader may not see of it is null. */
export const runSummarySchema = z
  .object({
    id: z.int(),
    state: z.enum(RUN_STATES),
    isFinal: says(z.boolean(), 'api.runIsFinal'),
    sentence: says(z.string(), 'api.runSentence'),
    pipeline: says(z.object({ id: z.string().nullable(), title: z.string() }), 'api.runPipeline'),
    project: says(z.object({ id: z.string(), name: z.string() }).nullable(), 'api.runProject'),
    requester: z.string(),
    isMine: z.boolean(),
    progress: says(z.int().nullable(), 'api.runProgress'),
    requestedAt: time,
    availableAt: says(time.nullable(), 'api.runAvailableAt'),
    startsAt: says(time.nullable(), 'api.runStartsAt'),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    exitCode: z.int().nullable(),
    afterRun: says(z.int().nullable(), 'chains.apiFollowed'),
  })
  .meta({ id: 'RunSummary' });

/** A run with what was asked for. */
export const runSchema = z
  .object({
    ...runSummarySchema.shape,
    parameters: says(z.record(z.string(), z.unknown()), 'api.runParameters'),
    attempt: says(z.int(), 'api.runAttempt'),
    timeLimitSeconds: z.int(),
    runner: z.string().nullable(),
    sweep: says(z.string().nullable(), 'api.runSweep'),
    keep: says(z.boolean(), 'api.runKeep'),
    deletionAt: says(time.nullable(), 'api.runDeletionAt'),
  })
  .meta({ id: 'Run' });

export const sweepSchema = z
  .object({
    id: z.string(),
    pipeline: z.object({ id: z.string(), title: z.string() }),
    project: z.string(),
    mode: says(z.enum(['all', 'together']), 'api.sweepMode'),
    axes: z.array(z.object({ parameter: z.string(), values: z.array(z.string()) })),
    requestedAt: time,
    runCount: says(z.int(), 'api.sweepRunCount'),
    states: says(z.partialRecord(z.enum(RUN_STATES), z.int()), 'api.sweepStates'),
    isOver: z.boolean(),
  })
  .meta({ id: 'Sweep' });

export type RunSummaryJson = z.infer<typeof runSummarySchema>;
export type RunJson = z.infer<typeof runSchema>;
export type SweepJson = z.infer<typeof sweepSchema>;

/** @param ms since 1970. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
